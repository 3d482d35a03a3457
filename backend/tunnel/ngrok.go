package tunnel

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	ngrok "golang.ngrok.com/ngrok/v2"

	"hoox/backend/trading"
)

// ngrokWay is ngrok's service inside this process: connections arrive without any local port.
type ngrokWay struct {
	config Config
	// roots are who may vouch for the server; ngrok's own when nil.
	roots *x509.CertPool
}

// ngrokGoodbye is how long leaving may take.
const ngrokGoodbye = time.Second

func (n *ngrokWay) serve(ctx context.Context, a *attempt) error {
	token, ok, err := a.r.secret(SecretNgrok)
	if err != nil {
		return err
	}
	if !ok {
		return refused(trading.NotFound, "copy the authtoken from dashboard.ngrok.com and set it as secret "+SecretNgrok, "no authtoken is set")
	}
	ctx, stop := context.WithCancelCause(ctx)
	wires := &wires{}
	agent, err := n.agent(a, token, wires, stop)
	if err != nil {
		stop(nil)
		return failed("", "set up ngrok: %v", err)
	}
	var closing sync.WaitGroup
	defer closing.Wait()
	defer stop(nil)
	closing.Go(func() {
		<-ctx.Done()
		// A goodbye over a dead network must not keep us.
		late := time.AfterFunc(ngrokGoodbye, wires.cut)
		defer late.Stop()
		_ = agent.Disconnect() // the service notices by itself when this does not reach it
		wires.cut()
	})
	if err := agent.Connect(ctx); err != nil {
		return ngrokFault(ctx, err)
	}
	l, err := agent.Listen(ctx, n.endpoint()...)
	if err != nil {
		return ngrokFault(ctx, err)
	}
	closing.Go(func() {
		<-ctx.Done()
		_ = l.Close() // to free Accept; the library may be asleep between two tries to connect
	})
	public, err := publicOrigin(l.URL().String())
	if err != nil {
		return failed("", "ngrok gave an address that is none: %v", err)
	}
	a.ready(public)
	// To the end: a connection that nobody takes would keep the library from closing.
	for {
		c, err := l.Accept()
		if err != nil {
			return ngrokFault(ctx, err)
		}
		a.take(ctx, c)
	}
}

// endpoint is what the service is asked to open.
func (n *ngrokWay) endpoint() []ngrok.EndpointOption {
	options := []ngrok.EndpointOption{ngrok.WithTrafficPolicy(ngrokPolicy()), ngrok.WithDescription("Hoox Desktop gateway")}
	if n.config.Hostname != "" {
		options = append(options, ngrok.WithURL(n.config.Hostname))
	}
	return options
}

// agent makes the library's client. It comes back by itself after a short break, which keeps a random address; what
// lasts too long is ended by the attempt's patience.
func (n *ngrokWay) agent(a *attempt, token string, w *wires, stop context.CancelCauseFunc) (ngrok.Agent, error) {
	said := &lineWriter{sink: func(line string) { a.r.output.add(line) }}
	var once sync.Once
	connected := make(chan struct{})
	options := []ngrok.AgentOption{
		ngrok.WithAuthtoken(strings.TrimSpace(token)), ngrok.WithAutoConnect(false), ngrok.WithDialer(w),
		ngrok.WithHeartbeatInterval(2 * a.r.pace.alive), ngrok.WithHeartbeatTolerance(a.r.pace.alive),
		ngrok.WithLogger(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelInfo}))),
		ngrok.WithEventHandler(func(e ngrok.Event) {
			switch e := e.(type) {
			case *ngrok.EventAgentConnectSucceeded:
				once.Do(func() { close(connected) })
				a.found()
			case *ngrok.EventAgentDisconnected:
				select {
				case <-connected:
					a.lost("check this computer's connection to the internet", "ngrok has no connection: %s", errorText(e.Error))
				default:
					// The library would try for ever; our own pauses and words are better.
					if e.Error != nil {
						stop(e.Error)
					}
				}
			}
		}),
	}
	if n.config.NgrokServer != "" {
		options = append(options, ngrok.WithAgentConnectURL(n.config.NgrokServer))
	}
	if n.roots != nil {
		options = append(options, ngrok.WithAgentConnectCAs(n.roots))
	}
	return ngrok.NewAgent(options...)
}

func errorText(err error) string {
	if err == nil {
		return "it was closed"
	}
	return err.Error()
}

// ngrokFault puts the service's refusal into words. What the service itself refuses stays refused.
func ngrokFault(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause // whoever ended it knows better than the error that came of it
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	if code := ngrokCode(err); code != "" {
		return refused(trading.Refused, "look up "+code+" at ngrok.com/docs/errors; most often the authtoken is wrong, the domain is not yours, or another program uses it",
			"ngrok refused: %s", text)
	}
	return failed("check this computer's connection to the internet", "ngrok: %s", text)
}

// ngrokCode is the number under which the service refuses, "" when it is not the service that failed. Errors of the
// library's events carry it under another name than those of its calls.
func ngrokCode(err error) string {
	var called ngrok.Error
	if errors.As(err, &called) {
		return called.Code()
	}
	var told interface{ ErrorCode() string }
	if errors.As(err, &told) {
		return told.ErrorCode()
	}
	return ""
}

// ngrokPolicy tells ngrok's edge to put the client's address into our own header, in place of whatever the client sent
// there. X-Forwarded-For would not do: ngrok adds to what the client sent.
func ngrokPolicy() string {
	type action struct {
		Type   string `json:"type"`
		Config any    `json:"config"`
	}
	type rule struct {
		Actions []action `json:"actions"`
	}
	name := strings.ToLower(headerOwn)
	text, err := json.Marshal(map[string][]rule{"on_http_request": {{Actions: []action{
		{"remove-headers", map[string][]string{"headers": {name}}},
		{"add-headers", map[string]map[string]string{"headers": {name: "${conn.client_ip}"}}},
	}}}})
	if err != nil {
		panic(err) // constants
	}
	return string(text)
}

// wires dials for the library and remembers what it dialled, so that it can be cut. Safe for concurrent use.
type wires struct {
	mu    sync.Mutex
	open  []net.Conn
	ended bool
}

// Dial is not used by the library, which has a context at hand, but belongs to what it asks for.
func (w *wires) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	return w.keep(c, err)
}

// DialContext dials.
func (w *wires) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	return w.keep(c, err)
}

func (w *wires) keep(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	w.open = append(w.open, c)
	return c, nil
}

func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}
