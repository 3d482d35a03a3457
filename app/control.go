package app

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/gateway"
	"hoox/backend/trading"
)

const (
	// mostConnections bounds what local programs can hold open; one that says nothing gives way to one that does.
	mostConnections = 32
	// stopGrace is how long answers on their way may take when the program stops.
	stopGrace = 3 * time.Second
)

// control is the loopback interface: the services over HTTP, hints over WebSocket, and the pages for a browser.
type control struct {
	house    *house
	door     *door
	logins   *patience
	pages    http.Handler
	metrics  http.Handler
	sockets  chan struct{}
	listener net.Listener
}

// listenControl opens the port. It fails with Invalid when the address is not this computer's own, and with Unavailable
// when the port is taken.
func listenControl(ctx context.Context, address string) (net.Listener, error) {
	host, err := hostOf("control.listen", address)
	if err != nil {
		return nil, err
	}
	if !onThisComputer(host) {
		return nil, trading.FieldError("control.listen", "%q can be reached from outside: the control interface belongs on 127.0.0.1", address)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if portInUse(err) {
		return nil, trading.Errorf(trading.Unavailable, "listen on %s: another program has the port; stop it, or set [control] listen to a free one (--control 127.0.0.1:0 picks one)", address)
	}
	if err != nil {
		return nil, trading.Wrap(trading.Unavailable, err, "listen on "+address)
	}
	return l, nil
}

func newControl(h *house, l net.Listener, ui fs.FS) *control {
	return &control{
		house: h, door: newDoor(l.Addr(), h), logins: &patience{now: h.now}, pages: pages(ui), metrics: metricsOf(h),
		sockets: make(chan struct{}, mostSockets), listener: l,
	}
}

// url is where the interface is.
func (c *control) url() string { return "http://" + c.listener.Addr().String() }

// browserURL is an address that lets one browser in, once, within ten minutes.
func (c *control) browserURL() string { return c.url() + "/?session=" + c.house.sessions.ticket() }

func (c *control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{service}/{method}", c.known(c.call))
	mux.HandleFunc("POST /api/Sessions/Login", c.login)
	mux.HandleFunc("POST /api/Sessions/Logout", c.known(c.logout))
	mux.HandleFunc("GET /api/events", c.known(c.socket))
	mux.HandleFunc("GET /metrics", c.known(func(w http.ResponseWriter, r *http.Request, _ *visitor) { c.metrics.ServeHTTP(w, r) }))
	mux.HandleFunc("POST /session", c.owner(c.invite))
	mux.HandleFunc("POST /note", c.owner(c.note))
	mux.HandleFunc("/api/", c.known(func(w http.ResponseWriter, r *http.Request, _ *visitor) {
		refuse(w, http.StatusNotFound, trading.NotFound, "there is no %s %s", r.Method, r.URL.Path)
	}))
	mux.HandleFunc("/", c.page)
	return c.door.guard(recovered(c.house.log, mux))
}

// greeted is a handler of somebody who proved who they are.
type greeted func(w http.ResponseWriter, r *http.Request, v *visitor)

// known lets only callers through that proved themselves.
func (c *control) known(next greeted) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, why := c.door.visitor(r)
		if v == nil {
			c.stranger(w, why)
			return
		}
		// Who has proved itself keeps its place: the kill switch must not wait behind connections that say nothing.
		defer gateway.Hold(r)()
		next(w, r, v)
	}
}

// owner lets only the holder of the internal key through.
func (c *control) owner(next greeted) http.HandlerFunc {
	return c.known(func(w http.ResponseWriter, r *http.Request, v *visitor) {
		if v.who.scope < canAll || v.who.session != "" {
			c.stranger(w, wrongKey)
			return
		}
		next(w, r, v)
	})
}

func (c *control) stranger(w http.ResponseWriter, why string) {
	c.door.turned(why)
	w.Header().Set("WWW-Authenticate", "Bearer")
	refuse(w, http.StatusUnauthorized, trading.Unauthorized, "not signed in: `hoox browser` prints an address that signs a browser in")
}

// call is POST /api/Service/Method.
func (c *control) call(w http.ResponseWriter, r *http.Request, v *visitor) {
	method, ok := v.table[r.PathValue("service")+"/"+r.PathValue("method")]
	most := int64(largestBody)
	if ok {
		most = method.largest()
	}
	body, good := c.body(w, r, most)
	if !good {
		return
	}
	if !ok {
		refuse(w, http.StatusNotFound, trading.NotFound, "there is no method %s/%s", r.PathValue("service"), r.PathValue("method"))
		return
	}
	if v.who.scope < needs(method.name) {
		who := v.who.who()
		c.house.refused(audit.Entry{Actor: who.Actor, Origin: who.Origin, Action: audit.RefuseCall, Subject: method.name, Detail: "the token may not do that"})
		refuse(w, http.StatusForbidden, trading.Unauthorized, "this token may not call %s/%s", r.PathValue("service"), r.PathValue("method"))
		return
	}
	answer, err := method.invoke(body)
	if err != nil {
		fault := c.house.fault(err, "")
		writeJSON(w, statusOf(fault.Kind), fault)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// body reads the JSON of a request, of at most so many bytes; false when it was refused.
func (c *control) body(w http.ResponseWriter, r *http.Request, most int64) ([]byte, bool) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, trading.Invalid, "send application/json")
		return nil, false
	}
	if r.Header.Get("Content-Encoding") != "" {
		refuse(w, http.StatusUnsupportedMediaType, trading.Invalid, "send the body uncompressed")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		refuse(w, http.StatusRequestEntityTooLarge, trading.Invalid, "the body is larger than %d bytes", most)
		return nil, false
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, trading.Invalid, "the body could not be read")
		return nil, false
	}
	return body, true
}

// recovered turns a panic of a handler into an answer with a reference; the program lives on.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				ref := newRef()
				log.Error("control request panicked", "path", r.URL.Path, "ref", ref, "panic", p)
				writeJSON(w, http.StatusInternalServerError, Fault{Kind: string(trading.Internal), Message: "something went wrong inside: the log has it under " + ref, Ref: ref})
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// server has every limit a listener of ours has.
func (c *control) server() *http.Server {
	return &http.Server{
		Handler: c.handler(), ReadHeaderTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 8 << 10, DisableGeneralOptionsHandler: true, ConnContext: gateway.Seat,
		ErrorLog: slog.NewLogLogger(c.house.log.Handler(), slog.LevelDebug),
	}
}

// serve answers until ctx ends, then lets answers on their way finish; it returns nil after such a stop.
func (c *control) serve(ctx context.Context) error {
	srv := c.server()
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(gateway.Bounded(c.listener, mostConnections)) }()
	select {
	case err := <-stopped:
		return trading.Wrap(trading.Unavailable, err, "serve the control interface")
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		_ = srv.Close()
	}
	<-stopped
	return nil
}

// trimURL is a base address without a slash at its end.
func trimURL(s string) string { return strings.TrimRight(s, "/") }
