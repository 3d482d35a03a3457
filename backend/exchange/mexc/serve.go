package mexc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// clockEvery is how often the clocks are read; it keeps the connections warm as well.
	clockEvery = 30 * time.Second
	// tendEvery is how often orders are asked for whose executions are late.
	tendEvery = 2 * time.Second
	// fundingEvery is how often funding is asked for: no stream tells it.
	fundingEvery = 5 * time.Minute
	// fundingSpan is how far back it is asked for each time; what is known already changes nothing.
	fundingSpan = 24 * time.Hour
	// overlap is how far before the last event a catch-up begins.
	overlap = time.Minute
)

// Serve runs the account until ctx ends: it reads the clocks, listens to both private streams, asks for what was missed
// after every connect, and hands news to the sink. News may be told twice.
func (x *Exchange) Serve(ctx context.Context, sink exchange.Sink) error {
	ctx, cancel := context.WithCancel(exchange.Telling(ctx, sink))
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	for _, p := range []trading.Product{trading.Linear, trading.Spot} {
		sync := func(ctx context.Context) error { return x.syncClock(ctx, p) }
		tend := func(ctx context.Context) error { return x.tend(ctx, p) }
		work.Go(func() { exchange.Every(ctx, clockEvery, nil, sync, x.failed) })
		work.Go(func() { exchange.Every(ctx, tendEvery, nil, tend, x.failed) })
	}
	work.Go(func() { exchange.Every(ctx, fundingEvery, nil, x.readFunding, x.failed) })
	work.Go(func() { x.serveSpot(ctx) })
	return x.private.Serve(ctx)
}

// failed notes what will be tried again.
func (x *Exchange) failed(err error) {
	x.cfg.Log.Warn("mexc", "error", err)
}

func (x *Exchange) futuresStream() (*wire.Stream, error) {
	s := x.cfg.Stream
	s.URL, s.Proxy = x.cfg.PrivateURL+futuresStream, x.cfg.Proxy
	s.Open, s.Gap, s.Message = x.login, x.catchUp, x.message
	s.Ping = []byte(`{"method":"ping"}`)
	s.PingEvery = beat(s.PingEvery)
	s.Broke = func(err error) { x.cfg.Log.Warn("mexc futures stream broke", "error", err) }
	return wire.NewStream(s)
}

// beat is how often a stream is kept alive: MEXC cuts one after a minute, spot after half of one.
func beat(given time.Duration) time.Duration {
	if given == 0 {
		return 12 * time.Second
	}
	return given
}

// pushed is one message of the futures stream.
type pushed struct {
	Channel string          `json:"channel"`
	Data    json.RawMessage `json:"data"`
	Symbol  string          `json:"symbol"`
	At      exchange.Millis `json:"ts"`
}

// login opens the stream and says what is wanted. The frames are never logged: the signature opens the account for a while.
func (x *Exchange) login(ctx context.Context, c *wire.Conn) error {
	if _, _, known := x.futures.skew.Offset(); !known {
		if err := x.syncClock(ctx, trading.Linear); err != nil {
			return err
		}
	}
	key, at := x.cfg.Key(), strconv.FormatInt(x.futures.skew.Now().Add(-clockMargin).UnixMilli(), 10)
	in := map[string]any{"method": "login", "subscribe": false,
		"param": map[string]any{"apiKey": key, "reqTime": at, "signature": sign(x.cfg.Secret(), key+at)}}
	if err := ask(c, "rs.login", in); err != nil {
		return err
	}
	var filters []map[string]string
	for _, name := range []string{"order", "order.deal", "position", "asset", "plan.order", "stop.planorder"} {
		filters = append(filters, map[string]string{"filter": name})
	}
	return ask(c, "rs.personal.filter", map[string]any{"method": "personal.filter", "param": map[string]any{"filters": filters}})
}

// ask sends a message and waits until it is confirmed on a channel.
func ask(c *wire.Conn, channel string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write for %s: %w", channel, err)
	}
	if err := c.Send(raw); err != nil {
		return fmt.Errorf("send for %s: %w", channel, err)
	}
	return c.Await(func(data []byte) (bool, error) {
		var p pushed
		if json.Unmarshal(data, &p) != nil || p.Channel != channel && p.Channel != "rs.error" {
			return false, nil
		}
		var said string
		if p.Channel == "rs.error" || json.Unmarshal(p.Data, &said) == nil && said != "success" {
			return false, fmt.Errorf("%s refused: %s", channel, p.Data)
		}
		return true, nil
	})
}

// message takes one message of the futures stream. What is not known is passed over: the catch-up and the look-ups do not
// depend on it.
func (x *Exchange) message(ctx context.Context, data []byte) error {
	var p pushed
	if err := json.Unmarshal(data, &p); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	var err error
	switch p.Channel {
	case "push.personal.order":
		err = one(p.Data, func(r futuresOrder) error { return x.takeOrder(ctx, r) })
	case "push.personal.order.deal":
		err = one(p.Data, func(d deal) error { return x.takeDeal(ctx, d) })
	case "push.personal.position":
		err = one(p.Data, func(r position) error { x.noteLeverage(r); return nil })
	case "push.personal.position.mode":
		x.forgetMode()
	case "push.personal.stop.planorder":
		err = one(p.Data, func(r stopRow) error { return x.takeStop(ctx, r) })
	default:
		return nil
	}
	if err == nil && !p.At.IsZero() {
		x.noteTime(trading.Linear, p.At.Time)
	}
	return err
}

func one[T any](data json.RawMessage, take func(T) error) error {
	var row T
	if err := json.Unmarshal(data, &row); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	return take(row)
}

// noteLeverage forgets what was read back when the exchange shows something else.
func (x *Exchange) noteLeverage(p position) {
	key := p.Symbol + "/" + strconv.Itoa(p.Type) + "/" + strconv.Itoa(p.OpenType)
	x.mu.Lock()
	defer x.mu.Unlock()
	if had, ok := x.leverage[key]; ok && had.value != p.Leverage.whole() {
		delete(x.leverage, key)
	}
}

// noteTime notes when the latest event was; one of the future would make the next catch-up begin there.
func (x *Exchange) noteTime(p trading.Product, at time.Time) {
	if now := x.door(p).skew.Now().UTC(); at.After(now) {
		at = now
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	last := &x.last
	if p == trading.Spot {
		last = &x.lastSpot
	}
	if at.After(*last) {
		*last = at
	}
}

// takeOrder takes a row of a futures order, from wherever it comes.
func (x *Exchange) takeOrder(ctx context.Context, r futuresOrder) error {
	c, err := x.contract(ctx, r.Symbol)
	if trading.KindOf(err) == trading.Rejected {
		return nil
	}
	if err != nil {
		return err
	}
	row, known := r.row(c)
	if !known {
		x.cfg.Log.Warn("mexc: an order in a state that is not known", "order", string(r.ID), "state", r.State)
		return nil
	}
	if row.OrderID == "" {
		row.OrderID = x.book.owner(row.ExchangeID)
	}
	x.book.own(row.ExchangeID, row.OrderID)
	if row.OrderID == "" {
		if row.Child, err = x.childOf(ctx, r, row); err != nil {
			return err
		}
	}
	x.book.heard(row)
	report, news := x.tape.Row(row)
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// takeDeal takes an execution of futures, from wherever it comes.
func (x *Exchange) takeDeal(ctx context.Context, d deal) error {
	c, err := x.contract(ctx, d.Symbol)
	if trading.KindOf(err) == trading.Rejected {
		return nil
	}
	if err != nil {
		return err
	}
	owner := ourID(d.Link)
	if owner == "" {
		owner = x.book.owner(d.OrderID.id())
	}
	mode, err := x.positionMode(ctx)
	if err != nil {
		return err
	}
	f, ok := d.fill(x.cfg.Account, c, owner, mode)
	if !ok {
		return nil
	}
	var child *trading.Order
	if owner == "" && childType("", d.Category) == trading.Liquidation {
		child = &trading.Order{
			ID: f.OrderID, Account: f.Account, Product: f.Product, Symbol: f.Symbol, Slot: f.Slot, Side: f.Side, Type: trading.Liquidation,
			ReduceOnly: true, Qty: f.Qty, Status: trading.OrderAccepted, ExchangeID: string(f.OrderID), CreatedAt: f.At, UpdatedAt: f.At,
		}
	}
	report, news := x.tape.Fill(d.OrderID.id(), f, child)
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// tell hands a report on.
func (x *Exchange) tell(ctx context.Context, r trading.Report) error {
	return exchange.Tell(ctx, x.cfg.Log, x.tape, r)
}

// start is where a catch-up begins.
func (x *Exchange) start(p trading.Product) time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	if p == trading.Spot {
		return x.lastSpot.Add(-overlap)
	}
	return x.last.Add(-overlap)
}

// catchUp asks for everything of futures since just before the last event: what protections became first, so that their
// orders are known, then the rows, then the executions that they are ahead of, then funding.
func (x *Exchange) catchUp(ctx context.Context) error {
	since, now := x.start(trading.Linear), x.futures.skew.Now()
	if _, err := x.readMode(ctx); err != nil {
		return err
	}
	if err := x.learnStops(ctx, "", since, ""); err != nil {
		return err
	}
	open, err := futuresPages[futuresOrder](ctx, x, listing, "catch up on open orders", openPath, nil, nil)
	if err != nil {
		return err
	}
	past, err := futuresPages(ctx, x, recalling, "catch up on orders", historyPath, values{"start_time", strconv.FormatInt(since.UnixMilli(), 10)},
		older(since, func(r futuresOrder) time.Time { return r.UpdatedAt.Time }))
	if err != nil {
		return err
	}
	rests := x.book.rests(trading.Linear)
	for _, r := range append(open, past...) {
		delete(rests, r.ID.id())
		if err := x.takeOrder(ctx, r); err != nil {
			return err
		}
	}
	for id := range rests {
		// It is older than what was listed, and has ended meanwhile.
		row, err := x.futuresByID(ctx, id, "catch up on an older order")
		if err == nil && row != nil {
			err = x.takeOrder(ctx, *row)
		}
		if err != nil {
			return err
		}
	}
	if err := x.tend(ctx, trading.Linear); err != nil {
		return err
	}
	x.noteTime(trading.Linear, now.UTC())
	return nil
}

// tend asks for the executions of orders whose rows are ahead of them.
func (x *Exchange) tend(ctx context.Context, p trading.Product) error {
	var failed error
	for _, row := range x.tape.Lagging() {
		if row.Product == p {
			failed = errors.Join(failed, x.tendOne(ctx, row))
		}
	}
	return failed
}

func (x *Exchange) tendOne(ctx context.Context, row tape.Row) error {
	if row.Product == trading.Spot {
		return x.tendSpot(ctx, row)
	}
	deals, err := x.dealsOf(ctx, row.ExchangeID, "read late executions")
	if err != nil {
		return err
	}
	for _, d := range deals {
		if err := x.takeDeal(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

const fundingPath = "/api/v1/private/position/funding_records"

// fundingRow is money that a position was paid, or paid when it is negative.
type fundingRow struct {
	ID     text            `json:"id"`
	Symbol string          `json:"symbol"`
	Amount amount          `json:"funding"`
	At     exchange.Millis `json:"settleTime"`
}

// readFunding books the funding of the last days; what is known already changes nothing.
func (x *Exchange) readFunding(ctx context.Context) error {
	if x.left(x.futures) {
		return nil
	}
	now := x.futures.skew.Now()
	since := now.Add(-fundingSpan)
	if from := x.cfg.Since; from.Before(since) {
		since = from
	}
	v := values{"start_time", strconv.FormatInt(since.UnixMilli(), 10), "end_time", strconv.FormatInt(now.Add(time.Minute).UnixMilli(), 10)}
	for _, kind := range []int{longType, shortType} {
		list, err := futuresPages(ctx, x, accounting, "read funding", fundingPath, append(v[:len(v):len(v)], "position_type", strconv.Itoa(kind)),
			older(since, func(r fundingRow) time.Time { return r.At.Time }))
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := x.tellFunding(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Exchange) tellFunding(ctx context.Context, r fundingRow) error {
	if r.ID.id() == "" {
		return nil
	}
	c, err := x.contract(ctx, r.Symbol)
	if err != nil && trading.KindOf(err) != trading.Rejected {
		return err
	}
	return exchange.Book(ctx, trading.Cash{
		ID: "funding:" + string(x.cfg.Account) + ":" + r.ID.id(), Account: x.cfg.Account, Kind: trading.CashFunding, Asset: cmp.Or(c.Settle, x.cfg.Asset),
		Amount: r.Amount.money(), Symbol: r.Symbol, At: r.At.Time,
	})
}
