package app

import (
	"net"
	"net/http"
	"strings"
	"sync"

	"hoox/backend/trading"
	"hoox/backend/vault"
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
	tokens   *tokens
}

// tokens are the bearer tokens of this instance: the vault's, and that of a start which waited for the vault. Safe for
// concurrent use.
type tokens struct {
	mu   sync.RWMutex
	list []vault.Secret
}

func (t *tokens) accept(token vault.Secret) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, token)
}

// has compares with each in constant time.
func (t *tokens) has(given string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found, candidate := false, vault.NewSecret(given)
	for _, token := range t.list {
		found = token.Equal(candidate) || found
	}
	return found
}

func newDoor(address net.Addr, token vault.Secret, s *sessions) door {
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		port = "0"
	}
	d := door{hosts: map[string]bool{}, origins: map[string]bool{}, cookie: "hoox_" + port, sessions: s, tokens: &tokens{list: []vault.Secret{token}}}
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
func (d door) guard(next http.Handler) http.Handler {
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
			refuse(w, http.StatusMisdirectedRequest, trading.Unauthorized, "this address does not answer to that name: use 127.0.0.1")
			return
		}
		if !d.ours(r) {
			refuse(w, http.StatusForbidden, trading.Unauthorized, "pages of other sites may not call this address")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ours tells whether a request comes from a page of ours, or from no page at all.
func (d door) ours(r *http.Request) bool {
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

// caller is how a request proved itself.
type caller int

const (
	stranger caller = iota
	byToken
	bySession
)

// caller asks for the bearer token, else for a session. A wrong token is not saved by a session beside it.
func (d door) caller(r *http.Request) caller {
	if header := r.Header.Get("Authorization"); header != "" {
		given, ok := strings.CutPrefix(header, "Bearer ")
		if ok && d.tokens.has(given) {
			return byToken
		}
		return stranger
	}
	c, err := r.Cookie(d.cookie)
	if err == nil && d.sessions.knows(c.Value) {
		return bySession
	}
	return stranger
}
