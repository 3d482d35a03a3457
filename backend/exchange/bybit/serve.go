package bybit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// clockEvery is how often the clock is read; it keeps a connection warm as well.
	clockEvery = 30 * time.Second
	// tendEvery is how often orders are asked for whose executions are late.
	tendEvery = 2 * time.Second
	// overlap is how far before the last event the catch-up begins.
	overlap = time.Minute
	// slotsKept is of how many orders the slot is remembered.
	slotsKept = 4096
)

// Serve runs the account until ctx ends: it reads the clock, listens to the private stream, asks for what was missed after
// every connect, and hands news to the sink. News may be told twice.
func (x *Exchange) Serve(ctx context.Context, sink exchange.Sink) error {
	ctx, cancel := context.WithCancel(exchange.Telling(ctx, sink))
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	work.Go(func() { exchange.Every(ctx, clockEvery, nil, x.SyncClock, x.failed) })
	work.Go(func() { exchange.Every(ctx, tendEvery, nil, x.tend, x.failed) })
	work.Go(func() { x.trimAll(ctx) })
	return x.private.Serve(ctx)
}

// failed notes what will be tried again.
func (x *Exchange) failed(err error) {
	x.cfg.Log.Warn("bybit", "error", err)
}

func (x *Exchange) privateStream() (*wire.Stream, error) {
	s := x.cfg.Stream
	s.URL, s.Proxy = x.cfg.PrivateURL+privatePath, x.cfg.Proxy
	s.Open, s.Gap, s.Message = x.login, x.catchUp, x.message
	s.Ping = []byte(`{"op":"ping"}`)
	s.Broke = func(err error) { x.cfg.Log.Warn("bybit stream broke", "error", err) }
	return wire.NewStream(s)
}

// operation is an answer to what we said on a stream.
type operation struct {
	Op      string `json:"op"`
	Success bool   `json:"success"`
	Message string `json:"ret_msg"`
}

// login authenticates and subscribes. The frames are never logged: the signature opens the account for a while.
func (x *Exchange) login(ctx context.Context, c *wire.Conn) error {
	if _, _, known := x.skew.Offset(); !known {
		if err := x.SyncClock(ctx); err != nil {
			return err
		}
	}
	expires := x.skew.Now().Add(10 * time.Second)
	auth := map[string]any{"op": "auth", "args": []any{x.cfg.Key(), expires.UnixMilli(), signedLogin(x.cfg.Secret(), expires)}}
	if err := x.ask(c, "auth", auth); err != nil {
		return err
	}
	return x.ask(c, "subscribe", map[string]any{"op": "subscribe", "args": []string{"order", "execution", "position", "wallet"}})
}

func send(c *wire.Conn, op string, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write %s: %w", op, err)
	}
	if err := c.Send(raw); err != nil {
		return fmt.Errorf("send %s: %w", op, err)
	}
	return nil
}

// ask sends an operation and waits until it is confirmed.
func (x *line) ask(c *wire.Conn, op string, body any) error {
	if err := send(c, op, body); err != nil {
		return err
	}
	return c.Await(func(data []byte) (bool, error) {
		var o operation
		if err := json.Unmarshal(data, &o); err != nil || o.Op != op {
			return false, nil
		}
		if !o.Success {
			return false, fmt.Errorf("%s refused: %s", op, x.plain(o.Message))
		}
		return true, nil
	})
}

// message takes one message of the private stream. What is not known is passed over: the catch-up and the look-ups do not
// depend on it.
func (x *Exchange) message(ctx context.Context, data []byte) error {
	var m struct {
		Topic string          `json:"topic"`
		Time  int64           `json:"creationTime"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	topic, _, _ := strings.Cut(m.Topic, ".")
	var err error
	switch topic {
	case "order":
		err = each(m.Data, func(r orderRow) error { return x.takeRow(ctx, r) })
	case "execution":
		err = each(m.Data, func(r executionRow) error { return x.takeExecution(ctx, r) })
	case "position":
		err = each(m.Data, func(r positionRow) error { x.noteSeat(r); return nil })
	default:
		return nil
	}
	if err == nil && m.Time > 0 {
		x.noteTime(time.UnixMilli(m.Time).UTC())
	}
	return err
}

func each[T any](data json.RawMessage, take func(T) error) error {
	var rows []T
	if err := json.Unmarshal(data, &rows); err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	for _, r := range rows {
		if err := take(r); err != nil {
			return err
		}
	}
	return nil
}

// noteSeat forgets what was read back when the exchange shows something else.
func (x *Exchange) noteSeat(r positionRow) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if had, ok := x.seats[r.Symbol]; ok && (had.leverage != lever(r.Leverage) || had.hedge != (r.Idx != 0)) {
		delete(x.seats, r.Symbol)
	}
}

func (x *Exchange) noteTime(at time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if at.After(x.last) {
		x.last = at
	}
}

func (x *Exchange) takeRow(ctx context.Context, r orderRow) error {
	row, known := x.rowOf(r)
	if !known {
		return nil
	}
	x.noteRow(r)
	report, news := x.tape.Row(row)
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// noteRow remembers what orders of ours tell beside themselves: whose the protection of a position is, and under which
// symbol a coin is held.
func (x *Exchange) noteRow(r orderRow) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if r.PositionIdx != 0 {
		if len(x.slots) > slotsKept {
			// What is forgotten follows from what the execution closes.
			clear(x.slots)
		}
		x.slots[r.OrderID] = slotOf(r.PositionIdx)
	}
	if !ours(r.LinkID) {
		return
	}
	if r.Category == string(trading.Spot) {
		x.listed[baseOf(r.Symbol)] = r.Symbol
		return
	}
	at := place{r.Symbol, r.PositionIdx}
	had, known := x.parents[at]
	carries := r.StopLoss.IsPositive() || r.TakeProfit.IsPositive()
	if !r.ReduceOnly && r.Filled.IsPositive() && (!known || carries && r.UpdatedAt.After(had.at)) {
		x.parents[at] = reading[trading.OrderID]{trading.OrderID(r.LinkID), r.UpdatedAt.Time}
	}
}

func (x *Exchange) takeExecution(ctx context.Context, r executionRow) error {
	if r.Type == "Funding" {
		return x.tellFunding(ctx, r)
	}
	f, ok := fillOf(x.cfg.Account, r)
	if !ok {
		return nil
	}
	if err := x.learnSlot(ctx, r); err != nil {
		return err
	}
	f.Slot = x.slotOfExecution(r)
	report, news := x.tape.Fill(r.OrderID, f, x.childOfExecution(r))
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// tell hands a report on.
func (x *Exchange) tell(ctx context.Context, r trading.Report) error {
	if r.Child != nil {
		// A protection of a whole position may not say how much it closes before it did.
		r.Child.Qty = r.Child.Qty.Max(r.Filled)
		for i := range r.Fills {
			r.Fills[i].Slot = r.Child.Slot
		}
	}
	// Before whoever keeps the books hears of it and says what should stand now.
	x.noteSold(r)
	return exchange.Tell(ctx, x.cfg.Log, x.tape, r)
}

func (x *Exchange) tellFunding(ctx context.Context, r executionRow) error {
	if r.ExecID == "" {
		return nil
	}
	asset := r.FeeCurrency
	if asset == "" {
		asset = quoteOf(r.Symbol)
	}
	// A fee that is paid is positive, money that is lost is negative.
	return exchange.Book(ctx, trading.Cash{
		ID: "funding:" + string(x.cfg.Account) + ":" + r.ExecID, Account: x.cfg.Account, Kind: trading.CashFunding, Asset: asset,
		Amount: r.Fee.Neg(), Symbol: r.Symbol, At: r.At.UTC(),
	})
}

// catchUp asks for everything since just before the last event: rows first, then executions, of both products.
func (x *Exchange) catchUp(ctx context.Context) error {
	x.mu.Lock()
	since := x.last.Add(-overlap)
	x.mu.Unlock()
	now := x.skew.Now()
	if oldest := now.Add(-7*24*time.Hour + time.Minute); since.Before(oldest) {
		since = oldest
	}
	from := strconv.FormatInt(since.UnixMilli(), 10)
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		if err := x.catchUpRows(ctx, product, from); err != nil {
			return err
		}
		v := values{"category", string(product), "startTime", from, "limit", "100"}
		rows, err := readAll[executionRow](ctx, x.line, executing, "catch up on executions", "/v5/execution/list", v, true)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Category = string(product)
			if err := x.takeExecution(ctx, r); err != nil {
				return err
			}
		}
	}
	x.noteTime(now.UTC())
	return nil
}

func (x *Exchange) catchUpRows(ctx context.Context, product trading.Product, from string) error {
	questions := []struct {
		path string
		v    values
	}{{"/v5/order/history", values{"category", string(product), "startTime", from, "limit", "50"}}}
	if product == trading.Linear {
		for _, coin := range []string{"USDT", "USDC"} {
			questions = append(questions, struct {
				path string
				v    values
			}{"/v5/order/realtime", values{"category", "linear", "settleCoin", coin, "limit", "50"}})
		}
	} else {
		questions = append(questions, struct {
			path string
			v    values
		}{"/v5/order/realtime", values{"category", "spot", "limit", "50"}})
	}
	for _, q := range questions {
		rows, err := readAll[orderRow](ctx, x.line, limitOf(q.path), "catch up on orders", q.path, q.v, true)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Category = string(product)
			if err := x.takeRow(ctx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// tend asks for the executions of orders whose rows are ahead of them, and once more for what is left to trim.
func (x *Exchange) tend(ctx context.Context) error {
	x.ring()
	var failed error
	for _, row := range x.tape.Lagging() {
		v := values{"category", string(row.Product), "symbol", row.Symbol, "orderId", row.ExchangeID, "limit", "100"}
		rows, err := readAll[executionRow](ctx, x.line, executing, "read late executions", "/v5/execution/list", v, true)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		for _, r := range rows {
			r.Category = string(row.Product)
			if err := x.takeExecution(ctx, r); err != nil {
				failed = errors.Join(failed, err)
			}
		}
	}
	return failed
}
