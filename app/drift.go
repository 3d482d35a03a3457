package app

import (
	"context"

	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// drifts is where ledger and exchanges do not agree.
type drifts interface {
	Drift(ctx context.Context) ([]trading.Drift, error)
	Fix(ctx context.Context, id string, what trading.Fix, actor string) error
}

// Drift is the board of differences between the ledger and the exchanges.
type Drift struct {
	in  *house
	who actor
}

// List is every difference, and when each account was last compared.
func (s *Drift) List(_ Empty) (DriftList, error) {
	return answer(s.in, "list differences", func(ctx context.Context) (DriftList, error) {
		list, err := s.in.drifts.Drift(ctx)
		if err != nil {
			return DriftList{}, err
		}
		return DriftList{Items: each(list, driftRow), Accounts: each(s.in.compared(), func(c node.Comparison) DriftAccount {
			row := DriftAccount{Account: string(c.Account), ComparedAt: when(c.At)}
			if c.Problem != nil {
				row.Problem = c.Problem.Error()
			}
			return row
		})}, nil
	})
}

// Fix does what a person asks for about a difference; it may be asked for again. It fails with Refused when the fix does not
// fit, and with Conflict when things have moved since.
func (s *Drift) Fix(req FixDrift) (Receipt, error) {
	d := &deed{what: "fix a difference", action: audit.FixDrift, subject: req.ID, after: req.What}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.drifts.Fix(ctx, req.ID, trading.Fix(req.What), s.who.name)
		return Receipt{Status: "ok"}, err
	})
}

func driftRow(d trading.Drift) DriftRow {
	meaning, fixes := driftWords(d)
	return DriftRow{
		ID: d.ID, Account: string(d.Account), Mode: string(d.Account.Mode()), Kind: string(d.Kind), Product: string(d.Product), Symbol: d.Symbol,
		Slot: string(d.Slot), OrderID: string(d.OrderID), ExchangeID: d.ExchangeID, Ours: sideWords(d, d.Ours), Theirs: sideWords(d, d.Theirs),
		Meaning: meaning, FirstSeen: when(d.FirstSeen), LastSeen: when(d.LastSeen), Rounds: d.Rounds, Ignored: d.Ignored, Fixes: fixes,
	}
}

// sideWords is what one side says: a position or what is open of an order.
func sideWords(d trading.Drift, q trading.Qty) string {
	switch {
	case d.Kind.OfPosition() && q.IsZero():
		return "flat"
	case d.Kind.OfPosition() && q.IsNegative():
		return "short " + q.Abs().String()
	case d.Kind.OfPosition():
		return "long " + q.String()
	case q.IsZero():
		return "no such order"
	case d.Price.IsPositive():
		return string(d.Side) + " " + q.String() + " at " + d.Price.String()
	}
	return string(d.Side) + " " + q.String()
}

// driftWords says what a difference is, and what can be done about it, the usual first.
func driftWords(d trading.Drift) (string, []DriftFix) {
	again := DriftFix{What: string(trading.FixAskAgain), Label: "Compare again", Help: "Asks the exchange now. Changes nothing."}
	ignore := DriftFix{What: string(trading.FixIgnore), Label: "Ignore", Help: "Leaves it as it is until it changes; entries of " + d.Symbol + " go again."}
	adopt := DriftFix{What: string(trading.FixAdopt), Label: "Take over", Help: "The ledger takes what the exchange has, at the exchange's entry price. No order is sent."}
	cancel := DriftFix{What: string(trading.FixCancel), Label: "Cancel at the exchange", Help: "Cancels this one order there."}
	const stops = " Entries of this instrument on this account are refused until it is settled; closes go."
	switch d.Kind {
	case trading.DriftSize:
		return "The exchange holds another size than the ledger." + stops, []DriftFix{adopt, ignore, again}
	case trading.DriftExternal:
		return "The exchange holds a position that this program did not open." + stops, []DriftFix{adopt, ignore, again}
	case trading.DriftMissing:
		return "The ledger holds a position that the exchange does not have: it was closed elsewhere." + stops, []DriftFix{adopt, ignore, again}
	case trading.DriftLost:
		return "An order of ours is not among the open ones at the exchange. It is being looked up; nothing is concluded from a list.", []DriftFix{again}
	case trading.DriftRecovered:
		return "An order at the exchange carries this program's mark but is not in the ledger: a ledger was restored, or another copy of the program runs.", []DriftFix{cancel, adopt, again}
	case trading.DriftForeign:
		ignore.Help = "Leaves it alone and shows it no more until it changes."
		return "Somebody placed this order elsewhere. It is never touched by itself.", []DriftFix{ignore, cancel}
	}
	return string(d.Kind), []DriftFix{again}
}
