package gateway

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"hoox/backend/trading"
)

// webhook takes one alert through the checks, each cheaper than the next, and only then hands it to the desk. Nothing
// before the desk touches the store.
func (g *Gateway) webhook(id trading.SignalID, w http.ResponseWriter, r *http.Request) reply {
	if no := g.ready(id); no != nil {
		discard(w, r)
		return *no
	}
	body, no := read(id, w, r)
	if no != nil {
		return *no
	}
	// All of it is here: from now on it is not the client that is slow.
	defer keep(r, asking)()
	now := g.parts.Now()
	root, err := parse(body)
	if err != nil {
		return refuseErr(id, err)
	}
	rules := g.parts.Rules()
	a := alert{root: root, now: now}
	key, known := rules.Keys.Check(a.key(), now)
	addr, located := client(r, g.config.TrustedClientIPHeader)
	if !known || !rules.allows(addr, located) {
		if g.parts.Refused != nil {
			g.parts.Refused(known, addr)
		}
		if silent, ok := g.strangers.allow(now); ok {
			g.parts.Log.Warn("refused an alert", "request", id, "known_key", known, "client", addr.String(), "unlogged", silent)
		}
		return forbidden(id)
	}
	defer Hold(r)()
	if g.parts.Seen != nil {
		g.parts.Seen(key, addr, now)
	}
	if out := g.tooMany(id, key, rules, now, a.closes()); out != nil {
		return *out
	}
	s, err := a.signal(body, idempotencyHeader(r), rules.Keys.knows)
	if err == nil && len(r.Header.Values("Idempotency-Key")) > 1 {
		err = trading.FieldError("Idempotency-Key", "stands more than once: send one")
	}
	if err != nil {
		return refuseErr(id, err)
	}
	s.ID, s.Credential, s.Bounds = id, key.Credential, key.Bounds
	if s.Notify != nil {
		why := "Telegram is off"
		if g.parts.WhyNotNotify != nil {
			why = g.parts.WhyNotNotify(s.Notify.ChatID)
		}
		if s.Notify.Withheld = why; why != "" {
			s.Warnings = append(s.Warnings, "notify was kept but not sent: "+why)
		}
	}
	return g.deliver(r.Context(), s)
}

// tooMany refuses more alerts of a key than may come.
func (g *Gateway) tooMany(id trading.SignalID, key Key, rules Rules, now time.Time, closing bool) *reply {
	limit, reserve := rules.limits(key)
	wait, ok := g.pace.take(key.Credential, now, limit, reserve, closing)
	if ok {
		return nil
	}
	words := "too many alerts with this key in 60 s: raise webhook:rate_limit, or send fewer"
	if key.RateLimit > 0 {
		words = "too many alerts with this key in 60 s: raise the rate of the key, or send fewer"
	}
	out := refuse(http.StatusTooManyRequests, CodeRateLimited, id, words)
	out.retry = wait
	return &out
}

// ready refuses while the core does not run yet; TradingView comes back after 5 s.
func (g *Gateway) ready(id trading.SignalID) *reply {
	if g.parts.Ready == nil {
		return nil
	}
	err := g.parts.Ready()
	if err == nil {
		return nil
	}
	words := err.Error()
	var known *trading.Error
	if errors.As(err, &known) {
		words = known.Message
	}
	out := refuse(http.StatusServiceUnavailable, CodeUnavailable, id, words)
	return &out
}

// read takes the body in. It judges size and headers before anything is looked at.
func read(id trading.SignalID, w http.ResponseWriter, r *http.Request) ([]byte, *reply) {
	no := func(status int, words string) ([]byte, *reply) {
		out := refuse(status, CodeInvalid, id, words)
		return nil, &out
	}
	const tooLarge = "the body is larger than 64 KiB"
	if r.ContentLength > maxBody {
		discard(w, r)
		return no(http.StatusRequestEntityTooLarge, tooLarge)
	}
	if len(r.Header.Values("Content-Encoding")) > 0 {
		discard(w, r)
		return no(http.StatusUnsupportedMediaType, "Content-Encoding is not supported: send plain text")
	}
	if !readable(r.Header.Values("Content-Type")) {
		discard(w, r)
		return no(http.StatusUnsupportedMediaType, "Content-Type must be application/json or text/plain")
	}
	switch body, over, err := swallow(w, r); {
	case over:
		return no(http.StatusRequestEntityTooLarge, tooLarge)
	case err != nil:
		body, out := no(http.StatusBadRequest, "the body did not arrive in full")
		out.hangUp = true
		return body, out
	default:
		return body, nil
	}
}

// swallow reads a body, at most one byte more than an alert may have.
func swallow(w http.ResponseWriter, r *http.Request) (body []byte, over bool, err error) {
	most := int64(maxBody)
	if r.ContentLength > most {
		most = 0 // one byte is enough to see that it is on its way
	}
	body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		// The server would read on to throw the rest away; with the time up, it cannot.
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0))
		return nil, true, nil
	}
	return body, false, err
}

// discard takes an unwanted body off the wire, within the bounds of an alert: closing a connection with unread bytes
// resets it, and the client may lose the answer. A client that waits to be asked for its body is not asked.
func discard(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength == 0 || r.Header.Get("Expect") != "" {
		return
	}
	_, _, _ = swallow(w, r) // whatever comes of it, the answer is decided
}

// readable tells whether a content type is one that TradingView sends, or none, or the one that curl puts on a body that
// somebody tries the webhook with. What is in the body is held to JSON all the same.
func readable(types []string) bool {
	if len(types) == 0 || (len(types) == 1 && types[0] == "") {
		return true
	}
	kind, _, err := mime.ParseMediaType(types[0])
	if err != nil || len(types) != 1 {
		return false
	}
	return kind == "application/json" || kind == "text/plain" || kind == "application/x-www-form-urlencoded"
}

// idempotencyHeader is the key in the header; the body's own wins over it.
func idempotencyHeader(r *http.Request) string { return r.Header.Get("Idempotency-Key") }
