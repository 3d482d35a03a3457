package binance

import (
	"cmp"
	"context"
	"errors"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// pageSize is the most rows that are asked for at once.
const pageSize = 1000

// Lookup is what became of an order, by its client order id. false with a nil error is a proof that Binance never took
// it; without proof the error is Unknown and nothing is said. A read that failed is no answer.
func (x *Exchange) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	s, err := x.side(o.Product)
	if err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	x.note(s, o.Symbol)
	r, _, err := x.look(ctx, s, o, true)
	if err == nil && r.OrderID == "" {
		err = x.nothingLeft(ctx, s, o)
	}
	if err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	if r.OrderID != "" {
		x.absence.Found(o.ID)
		return r, true, nil
	}
	if err := x.absence.Empty("binance", o, x.cfg.Now(), x.cfg.Settle, x.onTime(ctx, s)); err != nil {
		return trading.Report{}, false, err
	}
	return trading.Report{}, false, nil
}

// look asks for an order: by its id first, then, when all is asked for, in the history. settled tells that nothing more
// has to be waited for. A report without an order id is a clean "not there".
func (x *Exchange) look(ctx context.Context, s *side, o trading.Order, all bool) (r trading.Report, settled bool, err error) {
	what := "look up order " + string(o.ID)
	row, err := x.findRow(ctx, s, o, what)
	if err == nil && row == nil && all {
		row, err = x.findInHistory(ctx, s, o, what)
	}
	if err != nil || row == nil {
		return r, false, err
	}
	row.ClientID = cmp.Or(row.ClientID, string(o.ID))
	t, known := x.tapeRow(s, *row)
	if !known {
		return r, false, trading.Errorf(trading.Unavailable, "binance: %s: the status %q is not known", what, row.Status)
	}
	var fills []trading.Fill
	if row.Filled.IsPositive() {
		if fills, err = x.fillsOf(ctx, s, o, *row, what); err != nil {
			return r, false, err
		}
	}
	r = x.report(o, t, fills)
	whole := r.Filled.Equal(row.Filled)
	if t.Status.Final() && !whole && all {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "binance: %s: %s filled, but the executions add up to %s so far", what, row.Filled, r.Filled)
	}
	return r, whole && (t.Status.Final() || o.Type == trading.Limit), nil
}

// findRow reads one order by our id, or by Binance's for an order that Binance made; nil for a clean "not there".
func (x *Exchange) findRow(ctx context.Context, s *side, o trading.Order, what string) (*orderRow, error) {
	v := values{"symbol", o.Symbol}
	n, algo := numberIn(string(o.ID))
	named := n != "" && !algo
	if named {
		v = append(v, "orderId", string(n))
	} else {
		v = append(v, "origClientOrderId", string(o.ID))
	}
	var row orderRow
	err := x.read(ctx, s, call{path: s.paths.order, v: v, what: what, weight: s.paths.askWeight}, &row)
	switch {
	case trading.KindOf(err) == trading.NotFound || x.neverListed(ctx, s, o.Symbol, err):
		return nil, nil
	case err != nil:
		return nil, err
	case row.ID == "" || row.Symbol != o.Symbol:
		return nil, trading.Errorf(trading.Unavailable, "binance: %s: an answer without the order", what)
	case named && row.ID != n, !named && row.ClientID != string(o.ID) && !row.describes(o):
		return nil, trading.Errorf(trading.Unavailable, "binance: %s: an answer about another order (%s, %s)", what, row.ID, row.ClientID)
	}
	return &row, nil
}

// period is the part of the past in which an order can be found, by the exchange's clock.
func (x *Exchange) period(s *side, o trading.Order) values {
	armed := o.ArmedAt
	if armed.IsZero() {
		armed = o.CreatedAt
	}
	if armed.IsZero() {
		return nil
	}
	offset, _, _ := s.skew.Offset()
	from := armed.Add(offset - 5*time.Second)
	return values{"startTime", stamp(from), "endTime", stamp(from.Add(s.paths.span))}
}

// history reads the orders of a symbol in the time of an order. It fails rather than leave one out.
func (x *Exchange) history(ctx context.Context, s *side, o trading.Order, what string) ([]orderRow, error) {
	var rows []orderRow
	v := append(values{"symbol", o.Symbol, "limit", "1000"}, x.period(s, o)...)
	err := x.read(ctx, s, call{path: s.paths.all, v: v, what: what + ": history", weight: s.paths.allWeight}, &rows)
	if x.neverListed(ctx, s, o.Symbol, err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(rows) >= pageSize {
		return nil, trading.Errorf(trading.Unavailable, "binance: %s: the history is longer than one answer", what)
	}
	return rows, nil
}

func (x *Exchange) findInHistory(ctx context.Context, s *side, o trading.Order, what string) (*orderRow, error) {
	rows, err := x.history(ctx, s, o, what)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].ClientID == string(o.ID) {
			return &rows[i], nil
		}
	}
	return nil, nil
}

// fillsOf reads the executions of an order.
func (x *Exchange) fillsOf(ctx context.Context, s *side, o trading.Order, row orderRow, what string) ([]trading.Fill, error) {
	rows, err := x.trades(ctx, s, values{"symbol", row.Symbol, "orderId", string(row.ID), "limit", "1000"}, what)
	if err != nil {
		return nil, err
	}
	var fills []trading.Fill
	seen := map[trading.FillID]bool{}
	for _, r := range rows {
		if f, ok := x.fillOf(s, r, o.ID); ok && r.OrderID == row.ID && !seen[f.ID] {
			seen[f.ID] = true
			fills = append(fills, f)
		}
	}
	return fills, nil
}

func (x *Exchange) trades(ctx context.Context, s *side, v values, what string) ([]tradeRow, error) {
	var rows []tradeRow
	err := x.read(ctx, s, call{path: s.paths.trades, v: v, what: what + ": executions", weight: s.paths.tradeCost}, &rows)
	if err == nil && len(rows) >= pageSize {
		err = trading.Errorf(trading.Unavailable, "binance: %s: there are more executions than one answer holds", what)
	}
	return rows, err
}

// nothingLeft is why "not there" proves nothing about an order: an execution since it was armed that no known order
// explains, or an older order of ours that does not come back from the same place.
func (x *Exchange) nothingLeft(ctx context.Context, s *side, o trading.Order) error {
	what := "look up order " + string(o.ID)
	rows, err := x.history(ctx, s, o, what)
	if err != nil {
		return err
	}
	known := map[number]bool{}
	for _, r := range rows {
		known[r.ID] = true
	}
	executions, err := x.trades(ctx, s, append(values{"symbol", o.Symbol, "limit", "1000"}, x.period(s, o)...), what)
	if x.neverListed(ctx, s, o.Symbol, err) {
		err = nil
	}
	if err != nil {
		return err
	}
	for _, e := range executions {
		if known[e.OrderID] {
			continue
		}
		var row orderRow
		err := x.read(ctx, s, call{path: s.paths.order, v: values{"symbol", o.Symbol, "orderId", string(e.OrderID)}, what: what, weight: s.paths.askWeight}, &row)
		if err != nil || row.ClientID == string(o.ID) {
			return trading.Errorf(trading.Unavailable, "binance: %s: execution %s belongs to an order that is not explained", what, e.ID)
		}
		known[e.OrderID] = true
	}
	return x.canary(ctx, s, o)
}

// noSuchSymbol tells whether Binance does not list a symbol now.
func (x *Exchange) noSuchSymbol(ctx context.Context, s *side, symbol string) bool {
	listing, err := x.instruments(ctx, s)
	_, listed := listing[symbol]
	return err == nil && !listed
}

// neverListed tells whether a refusal says that there is no such symbol, and none was listed here either: then nothing can
// have happened to it. A symbol that is not traded any more had its orders.
func (x *Exchange) neverListed(ctx context.Context, s *side, symbol string, err error) bool {
	if !errors.Is(err, errNoSymbol) || !x.noSuchSymbol(ctx, s, symbol) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.former[symbol]
}

// canary asks for the newest older order of ours that the exchange has shown: a place that has lost that one proves nothing
// about another.
func (x *Exchange) canary(ctx context.Context, s *side, o trading.Order) error {
	s.mu.Lock()
	var older *mark
	for i := range s.marks {
		m := s.marks[i]
		// What ended without a fill is deleted after three days.
		if m.id != o.ID && !m.at.After(o.ArmedAt) && x.cfg.Now().Sub(m.at) < 48*time.Hour && (older == nil || !m.at.Before(older.at)) {
			older = &m
		}
	}
	s.mu.Unlock()
	if older == nil {
		return nil
	}
	what, known := "look up order "+string(older.id), trading.Order{ID: older.id, Symbol: older.symbol}
	row, err := x.findRow(ctx, s, known, what)
	if err != nil {
		return err
	}
	if row != nil && !row.CreatedAt.IsZero() {
		offset, _, _ := s.skew.Offset()
		known.CreatedAt = row.CreatedAt.Add(-offset)
		if row, err = x.findInHistory(ctx, s, known, what); err != nil {
			return err
		}
	}
	if row == nil {
		return trading.Errorf(trading.Unavailable, "binance: the exchange does not show order %s any more, so that it does not show %s either proves nothing", older.id, o.ID)
	}
	return nil
}

// Cancel asks for an order to end and answers with how it ended, or with how it rests when Binance has not decided yet; it
// may be repeated. It fails with NotFound for an order of which there is no trace, which alone is no proof of absence,
// and with the kinds of Submit otherwise.
func (x *Exchange) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	what, ctx := "cancel order "+string(o.ID), pressed(ctx)
	s, err := x.side(o.Product)
	if err != nil {
		return trading.Report{}, err
	}
	if err := x.clockRead(ctx, s); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "binance: %s: %w", what, err)
	}
	v := values{"symbol", o.Symbol, "origClientOrderId", string(o.ID)}
	if n, algo := numberIn(string(o.ID)); n != "" && !algo {
		v = values{"symbol", o.Symbol, "orderId", string(n)}
	}
	answer, err := x.write(ctx, s, call{method: "DELETE", path: s.paths.order, v: v, what: what, weight: 1, urgent: true})
	if err != nil {
		return trading.Report{}, err
	}
	if answer.class != done && answer.class != absent {
		return trading.Report{}, failure(kindOf(answer.class), what, answer)
	}
	last := trading.Report{}
	for range 4 {
		r, _, err := x.look(ctx, s, o, true)
		if err != nil {
			return trading.Report{}, trading.Errorf(trading.Unknown, "%s", err.Error())
		}
		last = r
		if r.Status.Final() || r.OrderID == "" || wire.Pause(ctx, 100*time.Millisecond) != nil {
			break
		}
	}
	if last.OrderID == "" {
		return last, trading.Errorf(trading.NotFound, "binance: %s: no such order", what)
	}
	return last, nil
}
