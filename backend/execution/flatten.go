package execution

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/trading"
)

// desk is the one way in; a flatten asks there like everybody else.
type desk interface {
	Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error)
}

// exposed lists what there is to flatten.
type exposed interface {
	Positions(ctx context.Context) ([]trading.Position, error)
	OpenOrders(ctx context.Context, account trading.AccountID) ([]trading.Order, error)
}

// Flattener cancels every resting order and closes every position, in any trading state.
type Flattener struct {
	Desk   desk
	Book   exposed
	Engine *Engine
	Now    Clock
}

// Step is one line of what a flatten asked for.
type Step struct {
	What string
	// Signal is the close that was admitted, "" for a cancel.
	Signal trading.SignalID
	Order  trading.OrderID
	Err    error
}

// Flatten asks for everything at once and returns what it asked; whether it happened stands in the ledger. Exchange ""
// means all. The same key asks once only, however often it is called.
func (f *Flattener) Flatten(ctx context.Context, exchange trading.Exchange, source trading.Source, actor, key string) ([]Step, error) {
	orders, err := f.Book.OpenOrders(ctx, "")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, o := range orders {
		if exchange != "" && o.Exchange() != exchange {
			continue
		}
		_, err := f.Engine.Cancel(ctx, o.ID, actor)
		if trading.KindOf(err) == trading.Conflict {
			continue // it ended by itself a moment ago: there is nothing left to cancel
		}
		steps = append(steps, Step{What: fmt.Sprintf("cancel %s %s %s on %s", o.Side, o.Open(), o.Symbol, o.Account), Order: o.ID, Err: err})
	}
	positions, err := f.Book.Positions(ctx)
	if err != nil {
		return steps, err
	}
	for _, p := range positions {
		if p.Qty.IsZero() || exchange != "" && p.Account.Exchange() != exchange {
			continue
		}
		receipt, err := f.Desk.Admit(ctx, f.closing(p, source, actor, key))
		steps = append(steps, Step{What: fmt.Sprintf("close %s %s %s on %s", p.Direction(), p.Size(), p.Symbol, p.Account), Signal: receipt.Signal, Err: err})
	}
	return steps, nil
}

func (f *Flattener) closing(p trading.Position, source trading.Source, actor, key string) trading.Signal {
	return closing(p, source, actor, "flatten "+key, "flatten", f.Now())
}

// closing is the request to close all of a position; the same key asks once only.
func closing(p trading.Position, source trading.Source, actor, key, comment string, at time.Time) trading.Signal {
	action := trading.ActCloseLong
	if p.Direction() == trading.Short {
		action = trading.ActCloseShort
	}
	return trading.Signal{
		ID: trading.NewSignalID(), Source: source, Credential: actor,
		Key:        fmt.Sprintf("%s %s %s", key, p.Lane(), p.Slot),
		ReceivedAt: at, Account: p.Account, Exchange: p.Account.Exchange(), Symbol: p.Written(), Action: action, Type: trading.Market,
		Comment: comment,
	}
}
