package app

import (
	"net"
	"net/http"
	"strings"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// uiPolicy is what a page of ours may do: load from us and talk to us, nothing else.
const uiPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// door is who may come in by the control interface, and from where.
type door struct {
	// hosts are the names we answer to, origins the same as origins of pages.
	hosts    map[string]bool
	origins  map[string]bool
	cookie   string
	sessions *sessions
	keys     *keyring
	// turned hears of everybody who was turned away, and why, in words of ours.
	turned func(why string)
}

// Why somebody was turned away.
const (
	foreignName  = "a foreign name for this address"
	foreignPage  = "a page of another site"
	noKey        = "no key or session"
	wrongKey     = "a wrong key"
	endedSession = "an ended session"
)

func newDoor(address net.Addr, h *house) *door {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		port = "0"
	}
	d := &door{hosts: map[string]bool{}, origins: map[string]bool{}, cookie: "hoox_" + port, sessions: h.sessions, keys: h.keys}
	d.turned = func(why string) {
		h.refused(audit.Entry{Actor: "stranger", Origin: thisComputer, Action: audit.RefuseCall, Subject: why, Detail: "turned away at the control interface"})
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]"} {
		name := host + ":" + port
		d.hosts[name], d.origins["http://"+name] = true, true
		if port == "80" {
			d.hosts[host], d.origins["http://"+host] = true, true
		}
	}
	return d
}

// guard stands before everything: the name we were called by (a page elsewhere can point a name of its own at us), and
// the page that calls. It never allows another origin anything, so there is no CORS header to send.
func (d *door) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if len(r.TransferEncoding) > 0 {
			// What came behind a chunked body that also had a length must not be read as the next request.
			h.Set("Connection", "close")
		}
		if !d.hosts[strings.ToLower(r.Host)] {
			d.turned(foreignName)
			refuse(w, http.StatusMisdirectedRequest, trading.Unauthorized, "this address does not answer to that name: use 127.0.0.1")
			return
		}
		if !d.ours(r) {
			d.turned(foreignPage)
			refuse(w, http.StatusForbidden, trading.Unauthorized, "pages of other sites may not call this address")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ours tells whether a request comes from a page of ours, or from no page at all.
func (d *door) ours(r *http.Request) bool {
	for _, origin := range r.Header.Values("Origin") {
		if !d.origins[strings.ToLower(origin)] {
			return false
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return false
		}
	}
	return true
}

// visitor asks for a key, else for a session, and tells whose it is; nil for a stranger, with what was wrong. A wrong key is not
// saved by a session beside it.
func (d *door) visitor(r *http.Request) (v *visitor, why string) {
	if header := r.Header.Get("Authorization"); header != "" {
		if given, ok := strings.CutPrefix(header, "Bearer "); ok {
			v = d.keys.visitor(given)
		}
		return v, wrongKey
	}
	c, err := r.Cookie(d.cookie)
	if err != nil || c.Value == "" {
		return nil, noKey
	}
	return d.sessions.visitor(c.Value), endedSession
}
