package binance

import (
	"context"
	"errors"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

const (
	// clockEvery is how often the clocks are read; it keeps connections warm as well.
	clockEvery = 30 * time.Second
	// tendEvery is how often orders are asked for whose executions are late.
	tendEvery = 2 * time.Second
	// fundingEvery is how often funding is asked for although no event told of any.
	fundingEvery = 10 * time.Minute
	// fundingPause is between two questions while a payment is awaited: each weighs as much as thirty others.
	fundingPause = 10 * time.Second
	// fundingLate is how long a payment may take from the event to the list.
	fundingLate = time.Minute
	// keyEvery is how often the listen key is renewed, which lives an hour.
	keyEvery = 30 * time.Minute
	// keyAgain is the pause after a renewal that failed.
	keyAgain = time.Minute
	// streamDay is when a stream is changed for a new one, before Binance cuts it after 24 hours.
	streamDay = 23*time.Hour + 30*time.Minute
	// mostCoins is how many held coins are caught up on; orders and protections of ours name their symbols besides.
	mostCoins = 40
	// pastSpans is how many weeks back conditional orders are asked for that may have triggered.
	pastSpans = 5
	// longestGap is how far back is asked for what was missed.
	longestGap = 7 * 24 * time.Hour
	// futuresSilence is how long the futures stream may say nothing: it is pinged every three minutes.
	futuresSilence = 7 * time.Minute
)

// Serve runs the account until ctx ends: it reads the clocks, listens to both private streams, asks for what was missed
// after every connect, and hands news to the sink. News may be told twice.
func (x *Exchange) Serve(ctx context.Context, sink exchange.Sink) error {
	ctx, cancel := context.WithCancel(exchange.Telling(ctx, sink))
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	work.Go(func() { exchange.Every(ctx, clockEvery, nil, x.SyncClock, x.failed) })
	work.Go(func() { exchange.Every(ctx, tendEvery, x.wake, x.tend, x.failed) })
	// A stream ends only with ctx.
	work.Go(func() { _ = x.spot.stream.Serve(ctx) })
	return x.serveFutures(ctx)
}

// failed notes what will be tried again.
func (x *Exchange) failed(err error) {
	x.cfg.Log.Warn("binance", "error", err)
}

// tell hands a report on.
func (x *Exchange) tell(ctx context.Context, s *side, r trading.Report) error {
	return exchange.Tell(ctx, x.cfg.Log, s.tape, r)
}

func (x *Exchange) takeRow(ctx context.Context, s *side, r orderRow) error {
	row, known := x.tapeRow(s, r)
	if !known {
		return nil
	}
	if report, news := s.tape.Row(row); news {
		return x.tell(ctx, s, report)
	}
	return nil
}

// takeTrade takes an execution of the order that row is about.
func (x *Exchange) takeTrade(ctx context.Context, s *side, row orderRow, t tradeRow) error {
	id := exchangeID(s.product, row.Symbol, row.ID)
	f := x.meaning(row.ClientID, id)
	owner := f.order
	if owner == "" {
		owner = trading.OrderID(id)
	}
	fill, ok := x.fillOf(s, t, owner)
	if !ok {
		return nil
	}
	if report, news := s.tape.Fill(id, fill, x.childOf(s, row, id, f)); news {
		return x.tell(ctx, s, report)
	}
	return nil
}

// catchUp asks for everything of a product since just before the last event.
func (x *Exchange) catchUp(ctx context.Context, s *side) error {
	ctx = context.WithValue(ctx, unhurried{}, true)
	s.mu.Lock()
	since := s.last.Add(-time.Minute)
	s.mu.Unlock()
	now := s.skew.Now()
	since = later(since, now.Add(-longestGap))
	open, err := x.openRows(ctx, s, "")
	if err != nil {
		return err
	}
	for _, r := range open {
		if err := x.takeRow(ctx, s, r); err != nil {
			return err
		}
	}
	symbols, err := x.lively(ctx, s, open, since)
	if err != nil {
		return err
	}
	for symbol := range symbols {
		if err := x.catchUpSymbol(ctx, s, symbol, since, now); err != nil {
			return err
		}
	}
	if s.product == trading.Linear {
		if err := x.askFunding(ctx); err != nil {
			return err
		}
	}
	s.noteTime(now.UTC())
	return nil
}

// lively are the symbols where something may have happened: Binance tells orders and executions of one symbol at a time
// only.
func (x *Exchange) lively(ctx context.Context, s *side, open []orderRow, since time.Time) (map[string]bool, error) {
	symbols := map[string]bool{}
	s.mu.Lock()
	for symbol := range s.symbols {
		symbols[symbol] = true
	}
	s.mu.Unlock()
	for _, r := range open {
		symbols[r.Symbol] = true
	}
	more, err := pick(s.product == trading.Linear, x.livelyFutures, x.livelySpot)(ctx, since)
	for _, symbol := range more {
		symbols[symbol] = true
	}
	delete(symbols, "")
	return symbols, err
}

// livelyFutures are the symbols of positions, of conditional orders and of any money that moved.
func (x *Exchange) livelyFutures(ctx context.Context, since time.Time) ([]string, error) {
	var symbols []string
	positions, err := x.positionRows(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		symbols = append(symbols, p.Symbol)
	}
	algos, err := x.openAlgos(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, a := range algos {
		symbols = append(symbols, a.Symbol)
	}
	for from := since; ; {
		rows, err := x.income(ctx, "", from)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			symbols = append(symbols, r.Symbol)
		}
		if len(rows) < incomePage || !rows[len(rows)-1].At.After(from) {
			return symbols, nil
		}
		from = rows[len(rows)-1].At.Time
	}
}

// livelySpot are the symbols of coins that are held and of lists of orders.
func (x *Exchange) livelySpot(ctx context.Context, since time.Time) ([]string, error) {
	a, err := x.spotAccount(ctx)
	if err != nil {
		return nil, err
	}
	var symbols []string
	for _, b := range *a.Balances {
		i, ok, err := x.sellable(ctx, b.Asset)
		if err != nil {
			return nil, err
		}
		// Dust was not bought by an order of ours, and a purse full of coins would use up the request limit.
		if ok && b.Asset != x.cfg.Asset && !b.Free.Add(b.Locked).Less(i.MinQty) && len(symbols) < mostCoins {
			symbols = append(symbols, i.Symbol)
		}
	}
	for from := since; from.Before(x.spot.skew.Now()); from = from.Add(x.spot.paths.span) {
		var lists []struct {
			Symbol string `json:"symbol"`
		}
		v := values{"startTime", stamp(from), "endTime", stamp(from.Add(x.spot.paths.span)), "limit", "1000"}
		err := x.read(ctx, x.spot, call{path: "/api/v3/allOrderList", v: v, what: "list past order lists", weight: 20}, &lists)
		if trading.KindOf(err) == trading.Refused {
			// Demo hosts do not have every path. Symbols of interest are asked for all the same.
			return symbols, nil
		}
		if err != nil {
			return nil, err
		}
		for _, l := range lists {
			symbols = append(symbols, l.Symbol)
		}
	}
	return symbols, nil
}

// catchUpSymbol asks for what happened to one symbol: what conditional orders became, orders, then executions.
func (x *Exchange) catchUpSymbol(ctx context.Context, s *side, symbol string, since, until time.Time) error {
	ctx = context.WithValue(ctx, unhurried{}, true)
	err := x.catchUpAll(ctx, s, symbol, later(since, until.Add(-longestGap)), until)
	if err == nil || trading.KindOf(err) == trading.Refused && x.noSuchSymbol(ctx, s, symbol) {
		s.mu.Lock()
		s.symbols[symbol] = true
		s.mu.Unlock()
		return nil
	}
	return err
}

func (x *Exchange) catchUpAll(ctx context.Context, s *side, symbol string, since, until time.Time) error {
	if s.product == trading.Linear {
		// They are listed by when they were placed, and a stop may have waited for long.
		for n := range pastSpans {
			algos, err := x.pastAlgos(ctx, symbol, until.Add(-time.Duration(n+1)*futuresPaths.span))
			if err != nil {
				return err
			}
			for _, a := range algos {
				x.noteAlgo(a)
			}
		}
	}
	for from := since; from.Before(until.Add(time.Second)); from = from.Add(s.paths.span) {
		if err := x.catchUpSpan(ctx, s, symbol, from, from.Add(s.paths.span)); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time { return pick(a.After(b), a, b) }

func (x *Exchange) catchUpSpan(ctx context.Context, s *side, symbol string, from, to time.Time) error {
	v := values{"symbol", symbol, "startTime", stamp(from), "endTime", stamp(to), "limit", "1000"}
	var rows []orderRow
	if err := x.read(ctx, s, call{path: s.paths.all, v: v, what: "catch up on orders of " + symbol, weight: s.paths.allWeight}, &rows); err != nil {
		return err
	}
	byID := map[number]orderRow{}
	for _, r := range rows {
		byID[r.ID] = r
		if err := x.takeRow(ctx, s, r); err != nil {
			return err
		}
	}
	var trades []tradeRow
	if err := x.read(ctx, s, call{path: s.paths.trades, v: v, what: "catch up on executions of " + symbol, weight: s.paths.tradeCost}, &trades); err != nil {
		return err
	}
	for _, t := range trades {
		row, known := byID[t.OrderID]
		if !known {
			// An order that was placed before.
			err := x.read(ctx, s, call{path: s.paths.order, v: values{"symbol", symbol, "orderId", string(t.OrderID)}, what: "read order " + string(t.OrderID), weight: s.paths.askWeight}, &row)
			if err != nil && trading.KindOf(err) != trading.NotFound {
				return err
			}
			row.Symbol, row.ID = symbol, t.OrderID
			byID[t.OrderID] = row
			if err := x.takeRow(ctx, s, row); err != nil {
				return err
			}
		}
		if err := x.takeTrade(ctx, s, row, t); err != nil {
			return err
		}
	}
	if len(rows) < 1000 && len(trades) < 1000 {
		return nil
	}
	middle := from.Add(to.Sub(from) / 2)
	if middle.Sub(from) < time.Second {
		return trading.Errorf(trading.Unavailable, "binance: catch up on %s: more happened in a second than one answer holds", symbol)
	}
	if err := x.catchUpSpan(ctx, s, symbol, from, middle); err != nil {
		return err
	}
	return x.catchUpSpan(ctx, s, symbol, middle, to)
}

// tend asks for what streams do not bring: executions that are late, symbols that are of interest since a moment ago, and
// funding.
func (x *Exchange) tend(ctx context.Context) error {
	var failed error
	x.settleDebts(ctx)
	for _, s := range x.sides() {
		if !s.live() {
			// The catch-up after the next connect asks for all of it.
			continue
		}
		s.mu.Lock()
		var fresh []string
		for symbol, caught := range s.symbols {
			if !caught {
				fresh = append(fresh, symbol)
			}
		}
		s.mu.Unlock()
		for _, symbol := range fresh {
			failed = errors.Join(failed, x.catchUpSymbol(ctx, s, symbol, x.cfg.Since.Add(-time.Minute), s.skew.Now()))
		}
		for _, row := range s.tape.Lagging() {
			failed = errors.Join(failed, x.askAgain(ctx, s, row.Symbol, row.ExchangeID))
		}
	}
	x.mu.Lock()
	now := x.cfg.Now()
	known := now.Sub(x.fundingAt)
	due := now.Before(x.fundingDue.Add(fundingPause)) && known.Abs() >= fundingPause || known > fundingEvery
	x.mu.Unlock()
	if due && x.futures.live() {
		failed = errors.Join(failed, x.askFunding(ctx))
	}
	return failed
}

// askAgain reads one order and its executions.
func (x *Exchange) askAgain(ctx context.Context, s *side, symbol, id string) error {
	n, _ := numberIn(id)
	var row orderRow
	c := call{path: s.paths.order, v: values{"symbol", symbol, "orderId", string(n)}, what: "read order " + id, weight: s.paths.askWeight}
	if err := x.read(ctx, s, c, &row); err != nil {
		return err
	}
	trades, err := x.trades(ctx, s, values{"symbol", symbol, "orderId", string(n), "limit", "1000"}, "read order "+id)
	if err != nil {
		return err
	}
	if err := x.takeRow(ctx, s, row); err != nil {
		return err
	}
	for _, t := range trades {
		if t.OrderID != n {
			continue
		}
		if err := x.takeTrade(ctx, s, row, t); err != nil {
			return err
		}
	}
	return nil
}
