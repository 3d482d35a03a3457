package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/vault"
)

// tab is a browser that keeps its cookies.
type tab struct {
	p      *program
	client http.Client
}

func (p *program) tab(agent string) *tab {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return &tab{p, http.Client{
		Jar: jar, Timeout: longEnough, Transport: agentOf{agent, &http.Transport{DisableKeepAlives: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// agentOf says which browser it is.
type agentOf struct {
	name string
	to   http.RoundTripper
}

func (a agentOf) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", a.name)
	return a.to.RoundTrip(r)
}

// ask calls a method as a page does and returns status and body.
func (b *tab) ask(method, body string) (*http.Response, string) {
	b.p.t.Helper()
	req, err := http.NewRequest("POST", b.p.control.url()+"/api/"+method, strings.NewReader(body))
	if err != nil {
		b.p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", b.p.control.url())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(req)
}

func (b *tab) send(req *http.Request) (*http.Response, string) {
	b.p.t.Helper()
	resp, err := b.client.Do(req)
	if err != nil {
		b.p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var text strings.Builder
	if _, err := io.Copy(&text, resp.Body); err != nil {
		b.p.t.Fatal(err)
	}
	return resp, text.String()
}

// signIn opens a one-time address.
func (b *tab) signIn() *tab {
	b.p.t.Helper()
	req, err := http.NewRequest("GET", b.p.control.browserURL(), nil)
	if err != nil {
		b.p.t.Fatal(err)
	}
	if resp, text := b.send(req); resp.StatusCode != http.StatusSeeOther {
		b.p.t.Fatalf("had %d %s", resp.StatusCode, text)
	}
	return b
}

func (b *tab) in() bool {
	b.p.t.Helper()
	resp, _ := b.ask("Kill/Get", "{}")
	return resp.StatusCode == http.StatusOK
}

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	chrome  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

func TestTicketsAndSessionsEnd(t *testing.T) {
	at := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	s := newSessions(func() time.Time { return at }, func(actor) map[string]route { return nil })
	late, good := s.ticket(), s.ticket()
	if !s.redeem(good) || s.redeem(good) || s.redeem("") {
		t.Fatal("want a ticket to let one browser in, once")
	}
	at = at.Add(ticketLife)
	if s.redeem(late) {
		t.Error("a ticket worked after ten minutes")
	}

	silent, idle := s.begin("a browser", "127.0.0.1")
	at = at.Add(sessionIdle - time.Second)
	if v := s.visitor(idle); v == nil || v.who.session != silent.id {
		t.Error("a session ended before its time")
	}
	at = at.Add(sessionIdle)
	if s.visitor(idle) != nil {
		t.Error("a session lived on in silence")
	}
	select {
	case <-silent.gone:
	default:
		t.Error("its connections were not told")
	}

	_, busy := s.begin("a browser", "127.0.0.1")
	for opened := at; at.Before(opened.Add(sessionLife - time.Hour)); at = at.Add(time.Hour) {
		if s.visitor(busy) == nil {
			t.Fatalf("a session that was used every hour ended after %s", at.Sub(opened))
		}
	}
	at = at.Add(time.Hour)
	if s.visitor(busy) != nil {
		t.Error("a session lived longer than seven days because somebody went on using it")
	}

	for range 3 * mostSessions {
		s.ticket()
		s.begin("a browser", "127.0.0.1")
	}
	if len(s.tickets) > mostSessions || len(s.list()) > mostSessions {
		t.Errorf("%d tickets and %d sessions are kept, want at most %d", len(s.tickets), len(s.list()), mostSessions)
	}
}

func TestABrowserSignsInWithTheKeyAndOutAgain(t *testing.T) {
	p := start(t)
	b := p.tab(firefox)
	if b.in() {
		t.Fatal("a stranger is in")
	}
	resp, text := b.ask("Sessions/Login", `{"key":"`+p.token.Reveal()+`"}`)
	var row SessionRow
	if err := json.Unmarshal([]byte(text), &row); err != nil || resp.StatusCode != 200 || row.Browser != "Firefox on Linux" || row.Address != "127.0.0.1" || !row.Current {
		t.Fatalf("had %d %s %v", resp.StatusCode, text, err)
	}
	set := resp.Cookies()[0]
	if !set.HttpOnly || set.SameSite != http.SameSiteStrictMode || set.Domain != "" || set.Name != p.control.door.cookie || set.Path != "/" || strings.Contains(text, set.Value) {
		t.Errorf("cookie %+v: want it for this host and port alone, out of reach of pages", set)
	}
	if !b.in() {
		t.Fatal("not in after signing in")
	}
	list := must[SessionList](p, "Sessions/List", Empty{}).Items
	if len(list) != 1 || list[0].ID != row.ID || list[0].Current || list[0].ExpiresAt == "" {
		t.Errorf("had %+v, want the one browser, which is not the one that asks", list)
	}
	if resp, text := b.ask("Sessions/Logout", "{}"); resp.StatusCode != 200 || resp.Cookies()[0].MaxAge >= 0 {
		t.Errorf("had %d %s", resp.StatusCode, text)
	}
	if b.in() {
		t.Error("still in after signing out")
	}
	if resp, _ := p.do(requestOf(p, "Sessions/Logout", "{}")); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a command that signs out: had %d, want 400", resp.StatusCode)
	}
	lines := p.lines(AuditFilter{Actor: "browser " + row.ID})
	if len(lines) != 2 || lines[0].Action != "browser.logout" || lines[1].Action != "browser.login" || lines[1].Detail != "with the key" || !strings.Contains(lines[1].Actor, "Firefox on Linux") {
		t.Errorf("had %+v, want both under the browser's name", lines)
	}
}

func TestWrongKeysAreDelayedAfterFiveTriesAndWrittenDown(t *testing.T) {
	p := start(t)
	var mu sync.Mutex
	at := time.Now()
	p.control.logins.now = func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); at = at.Add(d) }
	b := p.tab(chrome)
	try := func(key string) int {
		resp, _ := b.ask("Sessions/Login", `{"key":"`+key+`"}`)
		return resp.StatusCode
	}
	for n := range freeTries {
		if had := try("wrong"); had != http.StatusUnauthorized {
			t.Fatalf("try %d: had %d, want 401", n, had)
		}
	}
	resp, _ := b.ask("Sessions/Login", `{"key":"`+p.token.Reveal()+`"}`)
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "2" {
		t.Fatalf("had %d %q, want 429 and two seconds, also for the right key", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	pass(firstDelay)
	if had := try("wrong"); had != http.StatusUnauthorized {
		t.Fatalf("had %d, want one try after the delay", had)
	}
	pass(firstDelay)
	if had := try(p.token.Reveal()); had != http.StatusTooManyRequests {
		t.Fatalf("had %d, want the second delay longer than the first", had)
	}
	if !p.tab(firefox).signIn().in() {
		t.Error("a one-time address lets a browser in all the while")
	}
	pass(firstDelay)
	if had := try(p.token.Reveal()); had != http.StatusOK {
		t.Fatalf("had %d, want the right key to work after the delay", had)
	}
	for n := range freeTries {
		if had := try("wrong"); had != http.StatusUnauthorized {
			t.Errorf("try %d after a right one: had %d, want the tries counted anew", n, had)
		}
	}
	await(t, func() bool {
		why := map[string]bool{}
		for _, r := range p.lines(AuditFilter{Action: "browser.login"}) {
			why[r.Subject] = r.Decision == "refused"
		}
		return why[wrongKey] && why["too many wrong keys"]
	})
}

func TestGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	at := time.Now()
	patience := &patience{now: func() time.Time { return at }}
	var judged, wg = make(chan struct{}, 100), sync.WaitGroup{}
	for range 100 {
		wg.Go(func() {
			patience.try(func() bool { judged <- struct{}{}; return false })
		})
	}
	wg.Wait()
	if n := len(judged); n != freeTries {
		t.Errorf("%d of 100 keys at once were looked at, want %d", n, freeTries)
	}
	for range 40 {
		at = at.Add(longestDelay)
		if _, wait := patience.try(func() bool { return false }); wait != 0 {
			t.Fatalf("had to wait %s longer than the longest delay", wait)
		}
	}
}

// TestSigningInIsForOurOwnPage is items C2 to C4 for the one method that needs no key.
func TestSigningInIsForOurOwnPage(t *testing.T) {
	p := start(t)
	good := map[string]string{"Content-Type": "application/json"}
	for why, c := range map[string]struct {
		header map[string]string
		host   string
		want   int
	}{
		"a foreign page":  {map[string]string{"Origin": "https://evil.example"}, "", 403},
		"a foreign site":  {map[string]string{"Sec-Fetch-Site": "cross-site"}, "", 403},
		"a rebound name":  {map[string]string{}, "evil.example", 421},
		"a form":          {map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "", 415},
		"an unknown word": {map[string]string{}, "", 400},
	} {
		body := `{"key":"` + p.token.Reveal() + `"}`
		if why == "an unknown word" {
			body = `{"key":"` + p.token.Reveal() + `","admin":true}`
		}
		r := request{method: "POST", path: "/api/Sessions/Login", body: body, header: map[string]string{}, host: c.host}
		for _, from := range []map[string]string{good, c.header} {
			for name, value := range from {
				r.header[name] = value
			}
		}
		if resp, _ := p.do(r); resp.StatusCode != c.want || len(resp.Cookies()) != 0 {
			t.Errorf("%s: had %d with %d cookies, want %d and none", why, resp.StatusCode, len(resp.Cookies()), c.want)
		}
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT"} {
		if resp, _ := p.do(request{method: method, path: "/api/Sessions/Login"}); resp.StatusCode != http.StatusUnauthorized || len(resp.Cookies()) != 0 {
			t.Errorf("%s: had %d, want 401", method, resp.StatusCode)
		}
	}
}

func TestARevokedBrowserIsOutAtOnceWithItsConnections(t *testing.T) {
	p := start(t)
	one, two, three := p.tab(firefox).signIn(), p.tab(chrome).signIn(), p.tab("curl/8").signIn()
	conn := two.listen()
	list := must[SessionList](p, "Sessions/List", Empty{}).Items
	names := map[string]string{}
	for _, s := range list {
		names[s.Browser] = s.ID
	}
	if len(names) != 3 || names["Chrome on Windows"] == "" || names["a browser"] == "" {
		t.Fatalf("had %+v, want three browsers told apart", list)
	}

	must[Receipt](p, "Sessions/Revoke", SessionID{names["Chrome on Windows"]})

	if two.in() || !one.in() || !three.in() {
		t.Errorf("in are %t %t %t, want only the revoked one out", one.in(), two.in(), three.in())
	}
	_ = conn.SetReadDeadline(time.Now().Add(longEnough))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
				t.Errorf("its open connection ended with %v, want it told that it is signed out", err)
			}
			break
		}
	}
	if _, fault := call[Receipt](p, "Sessions/Revoke", SessionID{names["Chrome on Windows"]}); fault.Kind != "not_found" {
		t.Errorf("again: had %+v", fault)
	}
	if resp, text := one.ask("Sessions/RevokeOthers", "{}"); resp.StatusCode != 200 || !strings.Contains(text, "1 browser signed out") {
		t.Errorf("had %d %s", resp.StatusCode, text)
	}
	if !one.in() || three.in() {
		t.Errorf("in are %t %t, want the one that asked to stay and the other out", one.in(), three.in())
	}
	if code, out, _ := p.hoox("", "sessions"); code != exitOK || !strings.Contains(out, "Firefox on Linux") || strings.Contains(out, "Chrome") {
		t.Errorf("had %d %s", code, out)
	}
	if code, _, words := p.hoox("", "sessions", "revoke", "--all"); code != exitOK || one.in() {
		t.Errorf("had %d %s", code, words)
	}
}

// listen opens the event connection of a browser.
func (b *tab) listen() *websocket.Conn {
	b.p.t.Helper()
	u, err := url.Parse(b.p.control.url())
	if err != nil {
		b.p.t.Fatal(err)
	}
	header := http.Header{"Origin": {b.p.control.url()}}
	for _, c := range b.client.Jar.Cookies(u) {
		header.Add("Cookie", c.Name+"="+c.Value)
	}
	conn, _, err := b.p.dial(header)
	if err != nil {
		b.p.t.Fatal(err)
	}
	b.p.t.Cleanup(func() { conn.Close() })
	return conn
}

func TestARestartLetsNoBrowserStay(t *testing.T) {
	dir := privateDir(t)
	p, stop := launch(t, dir)
	b := p.tab(firefox).signIn()
	if !b.in() {
		t.Fatal("not in")
	}
	stop()
	again, _ := launch(t, dir)
	if len(must[SessionList](again, "Sessions/List", Empty{}).Items) != 0 {
		t.Error("a session outlived the program that had let it in")
	}
}

// TestAnotherInternalKeyShutsEverybodyElseOutAtOnce is item C7.
func TestAnotherInternalKeyShutsEverybodyElseOutAtOnce(t *testing.T) {
	p := start(t)
	mine, other := p.tab(firefox).signIn(), p.tab(chrome).signIn()
	old, scripts := requestOf(p, "Kill/Get", "{}"), p.token.Reveal()
	conn, _, err := p.dial(p.bearer())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	resp, text := mine.ask("Sessions/RotateKey", "{}")

	if resp.StatusCode != 200 || strings.Contains(text, p.token.Reveal()) {
		t.Fatalf("had %d %s, want it done and the key not shown", resp.StatusCode, text)
	}
	if !mine.in() || other.in() {
		t.Errorf("in are %t %t, want the browser that asked to stay and the other out", mine.in(), other.in())
	}
	if resp, _ := p.do(old); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the old key: had %d, want 401", resp.StatusCode)
	}
	_ = conn.SetReadDeadline(time.Now().Add(longEnough))
	for err = error(nil); err == nil; {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("a connection under the old key ended with %v", err)
	}
	at, err := readControlFile(p.dir)
	if err != nil || at.Token == scripts || at.Token != p.token.Reveal() {
		t.Errorf("control.json has %+v %v, want the new key", at, err)
	}
	if info, err := os.Stat(controlPath(p.dir)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("control.json is %v %v, want 0600", info.Mode(), err)
	}
	if kept, _, err := p.node.Vault.Get(vault.InternalKey); err != nil || kept.Reveal() != at.Token {
		t.Errorf("the vault has another key than control.json (%v): a restart would shut commands out", err)
	}
	if code, out, words := p.hoox("", "kill", "status"); code != exitOK {
		t.Errorf("a command after it: had %d %s %s", code, out, words)
	}
	if code, _, words := p.hoox("", "token", "rotate"); code != exitOK || mine.in() {
		t.Errorf("had %d %s, want a command to sign every browser out", code, words)
	}
	p.book.log.Info("a line with " + at.Token + " and " + p.token.Reveal())
	if log := p.stderr.String(); strings.Contains(log, at.Token) || strings.Contains(log, p.token.Reveal()) {
		t.Error("the new key is in the log")
	}
}

func TestAKeyOfTheEnvironmentIsNotRotated(t *testing.T) {
	p := start(t)
	t.Setenv("HOOX_SECRET_"+vault.InternalKey, "from-the-environment-0123456789")
	if _, fault := call[Receipt](p, "Sessions/RotateKey", Empty{}); fault.Kind != "refused" {
		t.Errorf("had %+v, want refused: the environment's key would be back at once", fault)
	}
}
