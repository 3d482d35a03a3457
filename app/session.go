package app

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

const (
	// ticketLife is how long the address that serve printed gives a session.
	ticketLife = 10 * time.Minute
	// sessionLife is how long a browser may be silent.
	sessionLife = 12 * time.Hour
	// mostSessions bounds the memory for sessions; the one silent longest goes first.
	mostSessions = 64
)

// sessions knows the browsers that were let in. They are kept in memory only: a restart lets nobody stay.
type sessions struct {
	now func() time.Time

	mu sync.Mutex
	// Both are known by the digest of their random text, so that looking one up tells nothing about the others.
	tickets map[[32]byte]time.Time
	open    map[[32]byte]time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, tickets: map[[32]byte]time.Time{}, open: map[[32]byte]time.Time{}}
}

func randomText() string {
	random := make([]byte, 32)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}

// ticket makes a text that gives one session, once, within ten minutes.
func (s *sessions) ticket() string {
	text := randomText()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	s.tickets[sha256.Sum256([]byte(text))] = s.now().Add(ticketLife)
	return text
}

// redeem exchanges a ticket for a session; false when it is not one, too old, or used.
func (s *sessions) redeem(ticket string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	key := sha256.Sum256([]byte(ticket))
	if _, ok := s.tickets[key]; !ok {
		return "", false
	}
	delete(s.tickets, key)
	text := randomText()
	s.open[sha256.Sum256([]byte(text))] = s.now().Add(sessionLife)
	return text, true
}

// knows tells whether a session is open, and keeps it open.
func (s *sessions) knows(session string) bool {
	if session == "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(session))
	until, ok := s.open[key]
	if !ok || !until.After(s.now()) {
		delete(s.open, key)
		return false
	}
	s.open[key] = s.now().Add(sessionLife)
	return true
}

func (s *sessions) sweep() {
	now := s.now()
	for _, m := range []map[[32]byte]time.Time{s.tickets, s.open} {
		for key, until := range m {
			if !until.After(now) {
				delete(m, key)
			}
		}
		for len(m) >= mostSessions {
			var oldest [32]byte
			var first time.Time
			for key, until := range m {
				if first.IsZero() || until.Before(first) {
					oldest, first = key, until
				}
			}
			delete(m, oldest)
		}
	}
}

// cookie carries a session. Its name has the port in it, because browsers send cookies to every port of a host.
func cookie(name, session string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		MaxAge: int(sessionLife.Seconds()),
	}
}
