package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// Positions is what is held, and the two ways to hold less.
type Positions struct {
	in  *house
	who actor
}

// List is the open positions, page by page; the filter narrows by exchange and symbol. The cursor is the last position
// shown, so that a position closed between two pages hides no other.
func (s *Positions) List(req PageRequest) (PositionPage, error) {
	return answer(s.in, "list positions", func(ctx context.Context) (PositionPage, error) {
		want, err := pageOf(req, nil)
		if err != nil {
			return PositionPage{}, err
		}
		if req.Limit == 0 {
			// Who does not ask for pages must not miss a position.
			want.Limit = largestPage
		}
		list, err := s.in.book.Positions(ctx)
		if err != nil {
			return PositionPage{}, err
		}
		slices.SortFunc(list, func(a, b trading.Position) int { return strings.Compare(positionCursor(a), positionCursor(b)) })
		if want.Cursor != "" && strings.Count(want.Cursor, "|") != 3 {
			return PositionPage{}, trading.FieldError("cursor", "want one that an earlier page gave")
		}
		page := PositionPage{Items: []PositionRow{}}
		last := ""
		for _, p := range list {
			row, place := s.in.positionRow(p), positionCursor(p)
			if (want.Exchange != "" && string(want.Exchange) != row.Exchange) || (want.Symbol != "" && !strings.EqualFold(want.Symbol, row.Symbol)) || place <= want.Cursor {
				continue
			}
			if len(page.Items) == want.Limit {
				page.Next = last
				break
			}
			page.Items, last = append(page.Items, row), place
		}
		return page, nil
	})
}

// positionCursor is the place of a position in the list.
func positionCursor(p trading.Position) string {
	return strings.Join([]string{string(p.Account), string(p.Product), p.Symbol, string(p.Slot)}, "|")
}

// Close asks for a reduce-only market order by the same desk as every signal, and waits a little for the outcome. A
// repeat under the same key is the same close. It fails with Invalid for a bad request, with Conflict when the key was
// used for something else, and with NotFound when the account does not trade in this mode.
func (s *Positions) Close(req ClosePosition) (Receipt, error) {
	d := &deed{what: "close position", action: audit.ClosePosition, subject: strings.Join([]string{req.Account, req.Product, req.Symbol, req.Side}, " "), before: req.Quantity}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		signal, err := s.signal(req)
		if err != nil {
			return Receipt{}, err
		}
		return s.in.admit(ctx, d, signal)
	})
}

// admit hands a signal that somebody asked for to the desk, and waits a little for its outcome.
func (h *house) admit(ctx context.Context, d *deed, signal trading.Signal) (Receipt, error) {
	receipt, err := h.desk.Admit(ctx, signal)
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Conflict {
		return Receipt{}, trading.Errorf(trading.Conflict, "this key was used for something else: ask again")
	}
	record, err := h.outcome(ctx, receipt.Signal)
	if err != nil {
		// It is admitted and will be executed; only its outcome could not be read.
		d.became(string(receipt.Status), "request "+string(receipt.Signal))
		return Receipt{RequestID: string(receipt.Signal), Status: string(receipt.Status), Reason: "admitted; its outcome could not be read yet"}, nil
	}
	d.became(string(record.Status), "request "+string(record.ID))
	return Receipt{RequestID: string(record.ID), Status: string(record.Status), Reason: record.Reason}, nil
}

func (s *Positions) signal(req ClosePosition) (trading.Signal, error) {
	account := trading.AccountID(req.Account)
	exchange := account.Exchange()
	signal := trading.Signal{
		ID: trading.NewSignalID(), Source: s.who.source, Credential: s.who.name, Key: req.Key,
		ReceivedAt: s.in.now(), Exchange: exchange, Type: trading.Market,
	}
	switch {
	case req.Key == "":
		return signal, trading.FieldError("key", "a close needs a key, so that a second click is not a second close")
	case !exchange.Known():
		return signal, trading.FieldError("account", "%q is no account; want for example bybit:paper", req.Account)
	}
	signal.Account = account
	if _, ok := s.in.prices.Instrument(account, trading.InstrumentKey{Product: trading.Product(req.Product), Symbol: req.Symbol}); !ok {
		return signal, trading.FieldError("symbol", "%s is not a %s instrument that is known on %s", req.Symbol, req.Product, account)
	}
	signal.Symbol = exactly(exchange, trading.Product(req.Product), req.Symbol)
	switch trading.Direction(req.Side) {
	case trading.Long:
		signal.Action = trading.ActCloseLong
	case trading.Short:
		signal.Action = trading.ActCloseShort
	default:
		return signal, trading.FieldError("side", "%q is not long or short", req.Side)
	}
	if req.Quantity != "" {
		quantity, err := trading.ParseRatio(req.Quantity)
		if err != nil || !quantity.IsPositive() {
			return signal, trading.FieldError("quantity", "%q is not a positive number such as 0.01; leave it empty to close everything", req.Quantity)
		}
		signal.Size = trading.Size{Mode: trading.SizeBase, Value: quantity}
	}
	return signal, nil
}

// exactly writes a symbol so that it means this product whatever the account's default is.
func exactly(e trading.Exchange, p trading.Product, symbol string) string {
	if p == trading.Spot {
		return strings.ToUpper(string(e)) + ":" + symbol
	}
	return symbol + ".P"
}

// Flatten cancels every resting order and closes every position, of one exchange or ("") of all, in any trading state.
// It fails with Invalid unless Confirm is the word FLATTEN.
func (s *Positions) Flatten(req Flatten) (FlattenReport, error) {
	d := &deed{what: "flatten", action: audit.Flatten, subject: orWord(req.Exchange, "every exchange")}
	return act(s.in, s.who, d, func(ctx context.Context) (FlattenReport, error) {
		exchange := trading.Exchange(strings.ToLower(req.Exchange))
		switch {
		case req.Confirm != "FLATTEN":
			return FlattenReport{}, trading.FieldError("confirm", "type the word FLATTEN to close everything")
		case req.Key == "":
			return FlattenReport{}, trading.FieldError("key", "a flatten needs a key, so that a second click is not a second one")
		case exchange != "" && !exchange.Known():
			return FlattenReport{}, trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper", req.Exchange)
		}
		steps, err := s.in.flatten(ctx, exchange, s.who.source, s.who.name, req.Key)
		if err != nil && len(steps) == 0 {
			return FlattenReport{}, err
		}
		report := FlattenReport{Items: s.proven(ctx, steps)}
		if err != nil {
			// Some of it was asked for; hiding that behind the error would be worse than the error.
			report.Items = append(report.Items, FlattenStep{What: "the rest", State: "failed", Detail: faultOf(err, "").Message})
		}
		d.flattened(report)
		return report, nil
	})
}

// flattened fills in how far a flatten came.
func (d *deed) flattened(r FlattenReport) {
	count := map[string]int{}
	for _, step := range r.Items {
		count[step.State]++
	}
	d.after = fmt.Sprintf("%d proven, %d asked, %d failed", count["proven"], count["asked"], count["failed"])
	if count["failed"] > 0 {
		d.decision = audit.Failed
	}
}

// proven waits a little for the closes that were asked for and tells which of them the exchange has confirmed.
func (s *Positions) proven(ctx context.Context, steps []node.Step) []FlattenStep {
	limit := make(chan time.Time)
	timer := time.AfterFunc(outcomeBudget, func() { close(limit) })
	defer timer.Stop()
	list := make([]FlattenStep, 0, len(steps))
	for _, step := range steps {
		line := FlattenStep{What: step.What, State: step.State, Detail: step.Detail}
		if step.Signal != "" && step.State == "asked" {
			record, err := s.in.ended(ctx, step.Signal, limit)
			switch {
			case err != nil:
				line.Detail = "its outcome could not be read yet"
			case record.Status == trading.SignalFilled, record.Status == trading.SignalNoOp:
				line.State, line.Detail = "proven", record.Reason
			case record.Status.Final():
				line.State, line.Detail = "failed", string(record.Status)+": "+record.Reason
			}
		}
		list = append(list, line)
	}
	return list
}
