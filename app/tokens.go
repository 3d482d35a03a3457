package app

import (
	"context"
	"regexp"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Tokens are keys of the control interface that may do less than the internal key, for dashboards and scripts.
type Tokens struct {
	in  *house
	who actor
}

var tokenName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// List is every token by name, never a key.
func (s *Tokens) List(_ Empty) (TokenList, error) {
	return answer(s.in, "list tokens", func(context.Context) (TokenList, error) {
		return TokenList{Items: each(s.in.keys.list(), func(h holder) TokenRow {
			return TokenRow{Name: h.token.Name, Scope: h.token.Scope, CreatedAt: when(h.token.CreatedAt), Actor: h.token.Actor, LastSeen: when(h.seen)}
		})}, nil
	})
}

// Create makes a token and returns its key, this once. It fails with Invalid for a name or a scope that is none, and with
// Conflict for a name that is taken.
func (s *Tokens) Create(req CreateToken) (NewToken, error) {
	d := &deed{what: "create a token", action: audit.CreateToken, subject: req.Name, after: req.Scope}
	return act(s.in, s.who, d, func(ctx context.Context) (NewToken, error) {
		if !tokenName.MatchString(req.Name) {
			return NewToken{}, trading.FieldError("name", "%q is no name: 1 to 32 small letters, digits, - and _", req.Name)
		}
		key, err := s.in.keys.make(ctx, req.Name, req.Scope, s.who.name)
		return NewToken{Name: req.Name, Scope: req.Scope, Key: key}, err
	})
}

// Revoke forgets a token; whoever holds it is shut out at once. It fails with NotFound.
func (s *Tokens) Revoke(req TokenName) (Receipt, error) {
	d := &deed{what: "revoke a token", action: audit.RevokeToken, subject: req.Name}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.keys.revoke(ctx, req.Name, s.who.name)
		return Receipt{Status: "ok", Reason: "whoever holds it is a stranger now"}, err
	})
}
