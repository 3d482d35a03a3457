package gateway

import (
	"net/http"
	"runtime/debug"
	"strings"

	"hoox/backend/trading"
)

// securityHeaders are on every answer, whatever it is.
var securityHeaders = [...][2]string{
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Content-Security-Policy", "default-src 'none'"},
	{"Referrer-Policy", "no-referrer"},
	{"Cache-Control", "no-store"},
}

// ServeHTTP answers the public routes. Every answer carries the security headers, and a panic is a 500, not the end of
// the process.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, h := range securityHeaders {
		w.Header().Set(h[0], h[1])
	}
	if c, ok := r.Context().Value(guestKey{}).(*guest); ok {
		c.moves(asking)
	}
	if len(r.TransferEncoding) > 0 {
		// A chunked request may have come with a length as well, which the server has dropped by now. Whoever stands
		// before us and went by the length must not have its leftover read as the next request.
		w.Header().Set("Connection", "close")
	}
	g.answer(w, r).write(w)
}

// answer finds the route. It writes nothing to w, so that a panic anywhere below still gets a whole answer.
func (g *Gateway) answer(w http.ResponseWriter, r *http.Request) (out reply) {
	id := trading.NewSignalID()
	defer func() {
		if p := recover(); p != nil {
			out = g.broken(id, p)
		}
	}()
	if misnamed(r) {
		return g.elsewhere(id, w, r)
	}
	nonce, probe := strings.CutPrefix(r.URL.Path, "/probe/")
	switch {
	case r.URL.Path == "/webhook" || r.URL.Path == "/":
		if r.Method != http.MethodPost {
			return wrongMethod(id, w, r, http.MethodPost)
		}
		return g.webhook(id, w, r)
	case r.URL.Path == "/telegram-webhook" && g.parts.Hook != nil:
		if r.Method != http.MethodPost {
			return wrongMethod(id, w, r, http.MethodPost)
		}
		return g.hook(w, r)
	case r.URL.Path == "/health":
		if r.Method != http.MethodGet {
			return wrongMethod(id, w, r, http.MethodGet)
		}
		return g.health(r)
	case probe && g.parts.Probe != nil && isNonce(nonce):
		if r.Method != http.MethodGet {
			return wrongMethod(id, w, r, http.MethodGet)
		}
		if g.parts.Probe(nonce) {
			return reply{status: http.StatusOK, body: encode(map[string]any{"success": true, "nonce": nonce})}
		}
	}
	discard(w, r)
	return reply{status: http.StatusNotFound}
}

// elsewhere refuses what came by the tunnel and asked for another name than ours, whatever it wants.
func (g *Gateway) elsewhere(id trading.SignalID, w http.ResponseWriter, r *http.Request) reply {
	discard(w, r)
	if silent, ok := g.strangers.allow(g.parts.Now()); ok {
		g.parts.Log.Warn("refused a request for another name", "request", id, "host", r.Host, "unlogged", silent)
	}
	return forbidden(id)
}

func (g *Gateway) broken(id trading.SignalID, p any) reply {
	g.parts.Log.Error("panic while answering", "request", id, "panic", p, "stack", string(debug.Stack()))
	out := refuse(http.StatusInternalServerError, CodeInternal, id, "internal error: the log has it under this requestId")
	out.hangUp = true
	return out
}

func wrongMethod(id trading.SignalID, w http.ResponseWriter, r *http.Request, allow string) reply {
	discard(w, r)
	out := refuse(http.StatusMethodNotAllowed, CodeInvalid, id, "method not allowed: use "+allow)
	out.allow = allow
	return out
}

// isNonce bounds what is handed to the issuer.
func isNonce(s string) bool {
	return s != "" && len(s) <= 128 && !strings.Contains(s, "/")
}
