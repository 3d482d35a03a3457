package node

import (
	"context"

	"hoox/backend/admission"
	"hoox/backend/gateway"
	"hoox/backend/sqlite"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// draftStore is the ledger with one strategy as it is being edited.
type draftStore struct {
	*sqlite.DB
	draft strategy.Strategy
}

// Strategy is the draft, whatever is asked for.
func (s draftStore) Strategy(context.Context, string) (strategy.Record, error) {
	return strategy.Record{Strategy: s.draft}, nil
}

// PreviewAlert tells what an alert would do if it came now and followed a strategy as it is being edited. Nothing is stored
// or sent. It fails with Invalid where the alert or the strategy is wrong.
func (n *Node) PreviewAlert(ctx context.Context, draft strategy.Strategy, alert []byte) (admission.Preview, error) {
	s, _, err := gateway.Decode(alert, "", n.Now())
	if err != nil {
		return admission.Preview{}, err
	}
	s.ID, s.Credential, s.Strategy = trading.NewSignalID(), "preview", draft.Name
	// A key would find what it has led to before; the question is what it would lead to.
	s.Key = string(s.ID)
	draft.Enabled = true
	parts := n.Desk.Parts
	parts.Store = draftStore{n.Store, draft}
	return admission.New(parts).Preview(ctx, s)
}
