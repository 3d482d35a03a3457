package app

import (
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

const (
	// freeTries is how many wrong keys in a row cost nothing.
	freeTries = 5
	// firstDelay is how long nobody may try after that; each further wrong key doubles it up to longestDelay.
	firstDelay   = 2 * time.Second
	longestDelay = 5 * time.Minute
)

// patience holds up who guesses at the key. It counts everybody together: all come from this computer. A one-time address lets
// a browser in all the while.
type patience struct {
	now func() time.Time

	mu    sync.Mutex
	wrong int
	until time.Time
}

// try judges one key, unless nobody may try now; wait is then how long not. Keys are judged one after the other.
func (p *patience) try(right func() bool) (ok bool, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if wait := p.until.Sub(now); wait > 0 {
		return false, wait
	}
	if right() {
		p.wrong = 0
		return true, 0
	}
	p.wrong++
	if over := p.wrong - freeTries; over >= 0 {
		p.until = now.Add(min(firstDelay<<min(over, 10), longestDelay))
	}
	return false, 0
}

// login is POST /api/Sessions/Login: a browser that sends the internal key is let in. After five wrong keys there are delays.
func (c *control) login(w http.ResponseWriter, r *http.Request) {
	body, good := c.body(w, r, largestBody)
	if !good {
		return
	}
	var req Login
	if err := decodeStrictly(body, &req); err != nil {
		fault := c.house.fault(err, "")
		writeJSON(w, statusOf(fault.Kind), fault)
		return
	}
	right, wait := c.logins.try(func() bool { return c.house.keys.isInternal(string(req.Key)) })
	if wait > 0 {
		c.turnedLogin("too many wrong keys")
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		refuse(w, http.StatusTooManyRequests, trading.Limited, "too many wrong keys: try again in %s, or use the address that `hoox browser` prints", wait.Round(time.Second))
		return
	}
	if !right {
		c.turnedLogin(wrongKey)
		refuse(w, http.StatusUnauthorized, trading.Unauthorized, "that is not the key: `hoox browser` prints an address that signs a browser in without it")
		return
	}
	in := c.letIn(w, r, "with the key")
	writeJSON(w, http.StatusOK, sessionRow(*in, in.id))
}

func (c *control) turnedLogin(why string) {
	c.house.refused(audit.Entry{Actor: "stranger", Origin: thisComputer, Action: audit.Login, Subject: why, Detail: "a browser tried to sign in"})
}

// letIn begins the session of a browser, gives it its cookie and writes it down.
func (c *control) letIn(w http.ResponseWriter, r *http.Request, how string) *session {
	address, _, _ := net.SplitHostPort(r.RemoteAddr) // only shown
	in, text := c.house.sessions.begin(browserWords(r.UserAgent()), address)
	http.SetCookie(w, cookie(c.door.cookie, text))
	c.house.log.Info("a browser was let in", "session", in.id, "how", how)
	c.house.write(audit.Entry{
		Actor: in.who.who().Actor, Origin: thisComputer, Action: audit.Login, Subject: "session " + in.id, Decision: audit.Done, Detail: how,
	})
	return in
}

// logout is POST /api/Sessions/Logout: the browser that asks is let out.
func (c *control) logout(w http.ResponseWriter, r *http.Request, v *visitor) {
	if _, good := c.body(w, r, largestBody); !good {
		return
	}
	if v.who.session == "" {
		refuse(w, http.StatusBadRequest, trading.Invalid, "only a browser can sign out; a token is revoked")
		return
	}
	c.house.sessions.end(func(s *session) bool { return s.id == v.who.session })
	c.house.write(audit.Entry{Actor: v.who.who().Actor, Origin: thisComputer, Action: audit.Logout, Subject: "session " + v.who.session, Decision: audit.Done})
	http.SetCookie(w, noCookie(c.door.cookie))
	writeJSON(w, http.StatusOK, Receipt{Status: "ok", Reason: "signed out"})
}

// invite is POST /session: who has the internal key may let a browser in.
func (c *control) invite(w http.ResponseWriter, _ *http.Request, v *visitor) {
	who := v.who.who()
	c.house.write(audit.Entry{Actor: who.Actor, Origin: who.Origin, Action: audit.Invite, Subject: "one browser", Decision: audit.Done, Detail: "once, within ten minutes"})
	writeJSON(w, http.StatusOK, browserAddress{c.browserURL()})
}

// browserAddress is the answer of POST /session.
type browserAddress struct {
	Browser string `json:"browser"`
}

// page is the front end, and the way in: /?session=… becomes a cookie.
func (c *control) page(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("session")
	if r.URL.Path != "/" || ticket == "" || r.Method != http.MethodGet {
		c.pages.ServeHTTP(w, r)
		return
	}
	if c.house.sessions.redeem(ticket) {
		c.letIn(w, r, "by a one-time address")
	} else if v, _ := c.door.visitor(r); v == nil || v.who.session == "" {
		c.turnedLogin("a used or old address")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, "This address was used already or is older than ten minutes. `hoox browser` prints a new one.\n")
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// noted is what a command of this program did to the data folder beside the running instance, which alone writes the audit.
type noted struct {
	Action   string `json:"action"`
	Subject  string `json:"subject"`
	Decision string `json:"decision"`
	Before   string `json:"before"`
	After    string `json:"after"`
	Detail   string `json:"detail"`
}

// entry is the line, its texts without what clean cuts out of them.
func (n noted) entry(clean func(string) string) audit.Entry {
	return audit.Entry{
		Action: audit.Action(n.Action), Subject: clean(n.Subject), Decision: audit.Decision(n.Decision),
		Before: clean(n.Before), After: clean(n.After), Detail: clean(n.Detail),
	}
}

// notable are the acts that commands do without the running instance.
var notable = map[audit.Action]bool{
	audit.SetSecret: true, audit.DeleteSecret: true, audit.SealVault: true, audit.RotateVault: true, audit.ExportSecrets: true,
	audit.ImportSecrets: true, audit.Backup: true, audit.CollectSupport: true, audit.SaveSupport: true,
}

// note is POST /note: a line of the audit for what a command has done itself.
func (c *control) note(w http.ResponseWriter, r *http.Request, v *visitor) {
	body, good := c.body(w, r, largestBody)
	if !good {
		return
	}
	var n noted
	err := decodeStrictly(body, &n)
	if err == nil && (!notable[audit.Action(n.Action)] || !audit.Decision(n.Decision).Known()) {
		err = trading.FieldError("action", "%q that is %q is nothing that a command does by itself", n.Action, n.Decision)
	}
	if err != nil {
		fault := c.house.fault(err, "")
		writeJSON(w, statusOf(fault.Kind), fault)
		return
	}
	who := v.who.who()
	e := n.entry(c.house.clean)
	e.Actor, e.Origin = who.Actor, who.Origin
	c.house.write(e)
	writeJSON(w, http.StatusOK, Receipt{Status: "ok"})
}
