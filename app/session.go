package app

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// ticketLife is how long a one-time address lets a browser in.
	ticketLife = 10 * time.Minute
	// sessionIdle is how long a browser may be silent, sessionLife how long it may stay at all.
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	// mostSessions bounds the memory for sessions; the one silent longest goes first.
	mostSessions = 64
)

// visitor is somebody who proved who they are.
type visitor struct {
	who actor
	// table is what may be called, under the visitor's name.
	table map[string]route
	// gone is closed when the visitor is shut out.
	gone chan struct{}
}

func newVisitor(who actor, table map[string]route) *visitor {
	return &visitor{who: who, table: table, gone: make(chan struct{})}
}

// session is a browser that was let in.
type session struct {
	*visitor
	// id names it in lists; it opens nothing.
	id, words, address string
	opened, seen       time.Time
}

// until is when the session ends if the browser says nothing more.
func (s *session) until() time.Time {
	idle, life := s.seen.Add(sessionIdle), s.opened.Add(sessionLife)
	if life.Before(idle) {
		return life
	}
	return idle
}

// digest is how tickets and sessions are known: looking one up tells nothing about the others.
type digest [sha256.Size]byte

// sessions knows the browsers that were let in. They are kept in memory only: a restart lets nobody stay.
type sessions struct {
	now func() time.Time
	// table is what a browser may call, under its name.
	table func(actor) map[string]route

	mu      sync.Mutex
	tickets map[digest]time.Time
	open    map[digest]*session
}

func newSessions(now func() time.Time, table func(actor) map[string]route) *sessions {
	return &sessions{now: now, table: table, tickets: map[digest]time.Time{}, open: map[digest]*session{}}
}

func randomText() string {
	random := make([]byte, 32)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}

// shortID is a random name of eight characters.
func shortID() string {
	random := make([]byte, 4)
	rand.Read(random)
	return hex.EncodeToString(random)
}

// ticket makes a text that lets one browser in, once, within ten minutes.
func (s *sessions) ticket() string {
	text := randomText()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.tickets[sha256.Sum256([]byte(text))] = s.now().Add(ticketLife)
	return text
}

// redeem takes a ticket; false when it is not one, too old, or used.
func (s *sessions) redeem(ticket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	key := digest(sha256.Sum256([]byte(ticket)))
	_, ok := s.tickets[key]
	delete(s.tickets, key)
	return ok
}

// begin lets a browser in and returns the text of its cookie.
func (s *sessions) begin(words, address string) (*session, string) {
	text, now, id := randomText(), s.now(), shortID()
	who := browserActor(id, words)
	in := &session{visitor: newVisitor(who, s.table(who)), id: id, words: words, address: address, opened: now, seen: now}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.open[sha256.Sum256([]byte(text))] = in
	return in, text
}

// visitor is the browser of a cookie, which stays for being heard of; nil when it is not, or no more, let in.
func (s *sessions) visitor(cookie string) *visitor {
	if cookie == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	in, ok := s.open[sha256.Sum256([]byte(cookie))]
	if !ok {
		return nil
	}
	in.seen = s.now()
	return in.visitor
}

// expire ends what has been silent or has stayed too long. An open event connection says nothing, so it is asked for now and then.
func (s *sessions) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
}

// list is every session, the newest first.
func (s *sessions) list() []session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	list := make([]session, 0, len(s.open))
	for _, in := range s.open {
		list = append(list, *in)
	}
	slices.SortFunc(list, func(a, b session) int {
		if c := b.opened.Compare(a.opened); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	return list
}

// end shuts out every session that is meant and tells how many there were.
func (s *sessions) end(meant func(*session) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	ended := 0
	for key, in := range s.open {
		if meant(in) {
			s.drop(key)
			ended++
		}
	}
	return ended
}

func (s *sessions) drop(key digest) {
	close(s.open[key].gone)
	delete(s.open, key)
}

func (s *sessions) sweep() {
	now := s.now()
	for key, until := range s.tickets {
		if !until.After(now) {
			delete(s.tickets, key)
		}
	}
	for key, in := range s.open {
		if !in.until().After(now) {
			s.drop(key)
		}
	}
	for len(s.tickets) >= mostSessions {
		delete(s.tickets, earliest(s.tickets, func(until time.Time) time.Time { return until }))
	}
	for len(s.open) > mostSessions {
		s.drop(earliest(s.open, func(in *session) time.Time { return in.seen }))
	}
}

// earliest is the key of what has the earliest time.
func earliest[V any](m map[digest]V, at func(V) time.Time) (key digest) {
	var first time.Time
	for k, v := range m {
		if t := at(v); first.IsZero() || t.Before(first) {
			key, first = k, t
		}
	}
	return key
}

// cookie carries a session. Its name has the port in it, because browsers send cookies to every port of a host, and it names no
// domain, so that it goes to this host alone. When the session ends is for the server to say.
func cookie(name, session string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: int(sessionLife.Seconds()),
	}
}

// noCookie takes the cookie away.
func noCookie(name string) *http.Cookie {
	return &http.Cookie{Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1}
}

// browserWords says which browser it is, in few words: "Firefox on Linux". What a browser says of itself is not kept.
func browserWords(agent string) string {
	find := func(marks ...string) string {
		for i := 0; i < len(marks); i += 2 {
			if strings.Contains(agent, marks[i]) {
				return marks[i+1]
			}
		}
		return ""
	}
	// The order matters: nearly every browser also claims to be those further down.
	name := orWord(find("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari"), "a browser")
	if system := find("Windows", "Windows", "iPhone", "iOS", "iPad", "iOS", "Mac OS X", "macOS", "Android", "Android", "CrOS", "ChromeOS", "Linux", "Linux"); system != "" {
		return name + " on " + system
	}
	return name
}
