package app

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
)

// publisher is who signs notes, and the place where they are.
type publisher struct {
	*httptest.Server
	key   ed25519.PrivateKey
	body  []byte
	asked int
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &publisher{key: key}
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked++
		_, _ = w.Write(p.body)
	}))
	t.Cleanup(p.Close)
	return p
}

// say puts up a note, signed by key over context.
func (p *publisher) say(t *testing.T, n updateNote, key ed25519.PrivateKey, context string) {
	t.Helper()
	text, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	signature := ed25519.Sign(key, append([]byte(context), text...))
	p.body, err = json.Marshal(signedNote{base64.StdEncoding.EncodeToString(text), base64.StdEncoding.EncodeToString(signature)})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *publisher) note(version string, issued time.Time) updateNote {
	return updateNote{Version: version, Issued: issued, URL: p.URL + "/news", Notes: "mends a fault"}
}

// reader is a program of version 1.2.0 that may ask this publisher.
func (p *publisher) reader(t *testing.T, file string) *updates {
	t.Helper()
	h := quietHouse()
	h.settings.Put(updateSetting, "true")
	u := &updates{
		in: h, address: p.URL + "/note.json", key: base64.StdEncoding.EncodeToString(p.key.Public().(ed25519.PublicKey)), version: "1.2.0",
		file: file, client: p.Client(),
	}
	u.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if err := u.load(); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestANewerVersionIsToldAndNothingElseIsDone(t *testing.T) {
	p := newPublisher(t)
	u := p.reader(t, filepath.Join(t.TempDir(), "update.json"))
	p.say(t, p.note("1.10.0", noon), p.key, noteContext)

	had, err := u.check(t.Context())

	want := UpdateState{State: "newer", Detail: "version 1.10.0 is out: mends a fault", Version: "1.10.0", URL: p.URL + "/news", CheckedAt: noonText}
	if err != nil || had != want || p.asked != 1 {
		t.Errorf("had %+v %v after %d questions\nwant %+v after one: it tells and downloads nothing", had, err, p.asked, want)
	}
	p.say(t, p.note("1.10.0", noon), p.key, noteContext)
	u.version = "1.10.0"
	if had, err := u.check(t.Context()); err != nil || had.State != "current" {
		t.Errorf("had %+v %v, want the newest version known as that", had, err)
	}
}

func TestAnUpdateNoteThatIsNotOursIsNotBelieved(t *testing.T) {
	p := newPublisher(t)
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := p.note("1.3.0", noon)
	elsewhere, plain, noVersion, future := good, good, good, good
	elsewhere.URL, plain.URL = "https://elsewhere.example/x", strings.Replace(good.URL, "https", "http", 1)
	noVersion.Version, future.Issued = "1.3", noon.Add(72*time.Hour)
	say := func(n updateNote, key ed25519.PrivateKey, context string) func() {
		return func() { p.say(t, n, key, context) }
	}
	for name, put := range map[string]func(){
		"another key":        say(good, stranger, noteContext),
		"another context":    say(good, p.key, "something else\n"),
		"another host":       say(elsewhere, p.key, noteContext),
		"no encryption":      say(plain, p.key, noteContext),
		"no version":         say(noVersion, p.key, noteContext),
		"still to come":      say(future, p.key, noteContext),
		"an older version":   say(p.note("1.1.9", noon), p.key, noteContext),
		"no note":            func() { p.body = []byte(`{"note":"","signature":""}`) },
		"no JSON":            func() { p.body = []byte("<html>") },
		"longer than a note": func() { p.body = []byte(strings.Repeat("x", largestUpdate+1)) },
	} {
		u := p.reader(t, filepath.Join(t.TempDir(), "update.json"))
		put()
		if _, err := u.check(t.Context()); err == nil {
			t.Errorf("%s: had no error, want it refused: it tells people where to get a program that holds their keys", name)
		}
		if s := u.state(); s.State != "failed" || s.URL != "" {
			t.Errorf("%s: had %+v, want it failed and no address shown", name, s)
		}
	}
}

func TestATrueNoteFromLongAgoHidesNoNewerOne(t *testing.T) {
	p := newPublisher(t)
	file := filepath.Join(t.TempDir(), "update.json")
	p.say(t, p.note("1.4.0", noon), p.key, noteContext)
	if _, err := p.reader(t, file).check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]updateNote{
		"an earlier note":            p.note("1.4.0", noon.Add(-time.Hour)),
		"an older version, new date": p.note("1.3.0", noon.Add(time.Hour)),
	} {
		u := p.reader(t, file) // a restart remembers
		p.say(t, n, p.key, noteContext)
		if _, err := u.check(t.Context()); trading.KindOf(err) != trading.Rejected {
			t.Errorf("%s: had %v, want it refused: 1.4.0 was seen already", name, err)
		}
	}
}

func TestABuildWithoutAKeyAsksNobody(t *testing.T) {
	p := newPublisher(t)
	u := p.reader(t, filepath.Join(t.TempDir(), "update.json"))
	for name, change := range map[string]func(){
		"no key":          func() { u.key = "" },
		"a key too short": func() { u.key = "AAAA" },
		"no address":      func() { u.key, u.address = base64.StdEncoding.EncodeToString(p.key.Public().(ed25519.PublicKey)), "" },
		"no release":      func() { u.address, u.version = p.URL, "dev" },
	} {
		change()
		_, err := u.check(t.Context())
		if s := u.state(); trading.KindOf(err) != trading.Refused || s.State != "never" || !strings.Contains(s.Detail, "this build checks for no updates") {
			t.Errorf("%s: had %v and %+v, want it said", name, err, s)
		}
	}
	if updateKey != "" || updateURL != "" {
		t.Error("a key or an address is in the source, want them only from the build: nobody has the other half of this one")
	}
	v := p.reader(t, filepath.Join(t.TempDir(), "update.json"))
	v.in.settings.Put(updateSetting, "false")
	if _, err := v.check(t.Context()); trading.KindOf(err) != trading.Refused || v.state().State != "off" {
		t.Errorf("had %v and %+v, want nothing asked while it is off", err, v.state())
	}
	if p.asked != 0 {
		t.Errorf("%d questions were asked, want none", p.asked)
	}
}

func TestH7_NoNoteIsTakenFromAServerThatNobodyVouchesFor(t *testing.T) {
	p := newPublisher(t)
	p.say(t, p.note("9.9.9", time.Now()), p.key, noteContext)
	h := quietHouse()
	h.settings.Put(updateSetting, "true")
	u := newUpdates(h, node.Config{DataDir: t.TempDir()})
	u.address, u.key, u.version = p.URL+"/note.json", base64.StdEncoding.EncodeToString(p.key.Public().(ed25519.PublicKey)), "1.2.0"
	if _, err := u.check(t.Context()); trading.KindOf(err) != trading.Unavailable || p.asked != 0 {
		t.Errorf("had %v and %d requests, want none answered: the client that is shipped trusts the system's list and nobody else", err, p.asked)
	}
}
