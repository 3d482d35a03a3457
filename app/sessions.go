package app

import (
	"context"

	"hoox/backend/audit"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// Sessions are the browsers that are signed in. Signing in and out are on the control interface alone, because they are about
// a browser's cookie: POST /api/Sessions/Login and /api/Sessions/Logout.
type Sessions struct {
	in  *house
	who actor
}

// List is every browser that is signed in, the newest first.
func (s *Sessions) List(_ Empty) (SessionList, error) {
	return answer(s.in, "list sessions", func(context.Context) (SessionList, error) {
		return SessionList{Items: each(s.in.sessions.list(), func(in session) SessionRow { return sessionRow(in, s.who.session) })}, nil
	})
}

// Revoke signs a browser out at once; its open pages lose their connection. It fails with NotFound.
func (s *Sessions) Revoke(req SessionID) (Receipt, error) {
	d := &deed{what: "revoke a session", action: audit.RevokeSession, subject: "session " + req.ID}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		if s.in.sessions.end(func(in *session) bool { return in.id == req.ID }) == 0 {
			return Receipt{}, trading.Errorf(trading.NotFound, "no browser is signed in as %q", req.ID)
		}
		return Receipt{Status: "ok", Reason: "the browser is signed out"}, nil
	})
}

// RevokeOthers signs every browser out but the one that asks.
func (s *Sessions) RevokeOthers(_ Empty) (Receipt, error) {
	d := &deed{what: "revoke sessions", action: audit.RevokeSession, subject: "every other session"}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		d.after = plural(s.in.others(s.who), "browser") + " signed out"
		return Receipt{Status: "ok", Reason: d.after}, nil
	})
}

// RotateKey makes another internal key and signs every other browser out: whoever had the old key has nothing any more. Commands
// read the new one by themselves. It fails with Refused when the environment gives the key for this run.
func (s *Sessions) RotateKey(_ Empty) (Receipt, error) {
	d := &deed{what: "rotate the internal key", action: audit.RotateKey, subject: vault.InternalKey}
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		if err := s.in.rotate(); err != nil {
			return Receipt{}, err
		}
		d.after = "another key; " + plural(s.in.others(s.who), "browser") + " signed out"
		return Receipt{Status: "ok", Reason: "the internal key is another one now; tokens stay as they are"}, nil
	})
}

// others signs out every browser but one and tells how many.
func (h *house) others(but actor) int {
	return h.sessions.end(func(in *session) bool { return in.id != but.session })
}

func sessionRow(in session, mine string) SessionRow {
	return SessionRow{
		ID: in.id, Browser: in.words, Address: in.address, SignedInAt: when(in.opened), LastSeen: when(in.seen), ExpiresAt: when(in.until()), Current: in.id == mine,
	}
}
