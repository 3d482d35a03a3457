package mexc

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	listenPath = "/api/v3/userDataStream"
	// renewEvery is how often a listen key is renewed, which lives for 60 minutes; a connection lives for 24 hours.
	renewEvery  = 30 * time.Minute
	sessionLife = 23 * time.Hour
	// leftWait is the pause while the key is none for spot.
	leftWait = 5 * time.Minute
)

// serveSpot keeps a spot session up until ctx ends. Each has a listen key of its own.
func (x *Exchange) serveSpot(ctx context.Context) {
	pauses := x.cfg.Stream.Pauses()
	for ctx.Err() == nil {
		lived, err := x.spotSession(ctx)
		if ctx.Err() != nil {
			return
		}
		x.cfg.Log.Warn("mexc spot stream broke", "error", err)
		if lived {
			pauses.Anew()
		}
		if x.left(x.spot) {
			// The key is not for spot, which a person may change some day.
			err = wire.Pause(ctx, leftWait)
		} else {
			err = pauses.Wait(ctx)
		}
		if err != nil {
			return
		}
	}
}

// spotSession is one listen key and the connection that it opens, until either ends. The key is a secret: nothing that
// holds it is logged.
func (x *Exchange) spotSession(ctx context.Context) (lived bool, why error) {
	if _, _, known := x.spot.skew.Offset(); !known {
		if err := x.syncClock(ctx, trading.Spot); err != nil {
			return false, err
		}
	}
	key, err := x.listenKey(ctx)
	if err != nil {
		return false, err
	}
	outside := ctx
	defer func() { x.endKey(outside, key) }()
	ctx, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer end()
	reason := fmt.Errorf("the session has lived its time")
	s := x.cfg.Stream
	s.URL, s.Proxy = x.cfg.SpotPrivateURL+spotStream+"?listenKey="+escape(key), x.cfg.Proxy
	s.Ping, s.PingEvery = []byte(`{"method":"PING"}`), beat(s.PingEvery)
	s.Open = func(_ context.Context, c *wire.Conn) error {
		return subscribe(c, []string{"spot@private.orders.v3.api.pb", "spot@private.deals.v3.api.pb", "spot@private.account.v3.api.pb"})
	}
	s.Gap = func(ctx context.Context) error {
		err := x.catchUpSpot(ctx)
		lived = err == nil
		return err
	}
	s.Message = x.spotMessage
	s.Broke = func(err error) {
		reason = err
		// Another connection gets another key.
		end()
	}
	stream, err := wire.NewStream(s)
	if err != nil {
		return false, fmt.Errorf("private spot address: %w", err)
	}
	x.setSession(stream)
	defer x.setSession(nil)
	work.Go(func() { x.renew(ctx, end, key) })
	// It ends with ctx, whose reason is told instead.
	_ = stream.Serve(ctx)
	return lived, reason
}

func (x *Exchange) setSession(s *wire.Stream) {
	x.mu.Lock()
	x.session = s
	x.mu.Unlock()
}

// listenKey opens the private spot stream.
func (x *Exchange) listenKey(ctx context.Context) (string, error) {
	var key struct {
		Key string `json:"listenKey"`
	}
	e, err := x.spotWrite(ctx, anything, "open the private stream", "POST", listenPath, nil, readWindow, false, &key)
	if err != nil {
		return "", err
	}
	if spotClass(e) != done {
		x.spot.judge(spotClass(e))
		return "", failure(readKind(spotClass(e)), "open the private stream", e)
	}
	if key.Key == "" {
		return "", trading.Errorf(trading.Unavailable, "mexc: open the private stream: an answer without a key")
	}
	return key.Key, nil
}

// endKey gives a listen key back: an account may have sixty, and each lives for an hour. One that is not given back ends by
// itself, so a failure changes nothing.
func (x *Exchange) endKey(ctx context.Context, key string) {
	var answer struct{}
	if _, err := x.spotWrite(ctx, anything, "end the private stream", "DELETE", listenPath, values{"listenKey", key}, readWindow, false, &answer); err != nil && ctx.Err() == nil {
		x.cfg.Log.Warn("mexc", "error", err)
	}
}

// renew keeps the listen key alive, and ends the session when that fails or when the connection has lived its time.
func (x *Exchange) renew(ctx context.Context, end func(), key string) {
	defer end()
	for range int(sessionLife / renewEvery) {
		if wire.Pause(ctx, renewEvery) != nil {
			return
		}
		var answer struct{}
		e, err := x.spotWrite(ctx, anything, "renew the private stream", "PUT", listenPath, values{"listenKey", key}, readWindow, false, &answer)
		if err == nil && spotClass(e) != done {
			err = failure(readKind(spotClass(e)), "renew the private stream", e)
		}
		if err != nil && ctx.Err() == nil {
			x.cfg.Log.Warn("mexc", "error", err)
			return
		}
	}
}

// subscribe asks for channels of the spot stream and waits for the answer, which names those that were taken.
func subscribe(c *wire.Conn, channels []string) error {
	raw, err := json.Marshal(map[string]any{"method": "SUBSCRIPTION", "params": channels})
	if err != nil {
		return fmt.Errorf("write the subscription: %w", err)
	}
	if err := c.Send(raw); err != nil {
		return fmt.Errorf("send the subscription: %w", err)
	}
	return c.Await(func(data []byte) (bool, error) {
		said, ok := spotWord(data)
		if !ok || said.Message == "PONG" {
			return false, nil
		}
		for _, name := range channels {
			if strings.HasPrefix(said.Message, "Not Subscribed") || !strings.Contains(said.Message, name) {
				return false, fmt.Errorf("subscription refused: %s", said.Message)
			}
		}
		return true, nil
	})
}

// spotAck is what the spot stream says in words.
type spotAck struct {
	Code    int    `json:"code"`
	Message string `json:"msg"`
}

// spotWord reads a message in words; false for a frame.
func spotWord(data []byte) (spotAck, bool) {
	var a spotAck
	if len(data) == 0 || data[0] != '{' || json.Unmarshal(data, &a) != nil {
		return spotAck{}, false
	}
	return a, true
}

// spotMessage takes one message of the spot stream. What is not known is passed over.
func (x *Exchange) spotMessage(ctx context.Context, data []byte) error {
	if _, words := spotWord(data); words {
		return nil
	}
	f, err := openFrame(data)
	if err != nil {
		return err
	}
	switch f.kind {
	case bodyOrder:
		row, known, err := f.orderOf()
		if err != nil {
			return err
		}
		if known {
			err = x.takeSpotRow(ctx, row)
		}
		if err != nil {
			return err
		}
	case bodyDeal:
		t, err := f.dealOf()
		if err != nil {
			return err
		}
		if err := x.takeTrade(ctx, t); err != nil {
			return err
		}
	default:
		return nil
	}
	x.noteTime(trading.Spot, f.at)
	return nil
}

// takeSpotRow takes a row of a spot order, from wherever it comes.
func (x *Exchange) takeSpotRow(ctx context.Context, row tape.Row) error {
	if row.OrderID == "" {
		row.OrderID = x.book.owner(row.ExchangeID)
	}
	if row.OrderID != "" {
		x.book.own(row.ExchangeID, row.OrderID)
		x.book.visit(row.Symbol)
	}
	x.book.heard(row)
	report, news := x.tape.Row(row)
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// takeTrade takes an execution of spot, from wherever it comes.
func (x *Exchange) takeTrade(ctx context.Context, t trade) error {
	owner := ourID(t.Link)
	if owner == "" {
		owner = x.book.owner(t.OrderID.id())
	}
	f, ok := t.fill(x.cfg.Account, owner)
	if !ok {
		return nil
	}
	report, news := x.tape.Fill(t.OrderID.id(), f, nil)
	if !news {
		return nil
	}
	return x.tell(ctx, report)
}

// catchUpSpot asks for what was missed: the open orders, and of every symbol that something of ours happened in since the
// start the history and the executions. MEXC has no list over all symbols.
func (x *Exchange) catchUpSpot(ctx context.Context) error {
	since, now := x.start(trading.Spot), x.spot.skew.Now()
	if oldest := now.Add(-7*24*time.Hour + time.Minute); since.Before(oldest) {
		since = oldest
	}
	var open []spotOrder
	if err := x.spotRead(ctx, listing, "catch up on open orders", "/api/v3/openOrders", nil, true, &open); err != nil {
		return err
	}
	rests := x.book.rests(trading.Spot)
	for _, r := range open {
		delete(rests, r.ID.id())
	}
	if err := x.takeSpotOrders(ctx, open); err != nil {
		return err
	}
	for id, symbol := range rests {
		// It has ended meanwhile, and may be older than what is listed.
		var r spotOrder
		err := x.spotRead(ctx, finding, "catch up on an older order", spotOrderPath, values{"symbol", symbol, "orderId", id}, true, &r)
		if trading.KindOf(err) == trading.NotFound {
			continue
		}
		if err == nil {
			err = x.takeSpotOrders(ctx, []spotOrder{r})
		}
		if err != nil {
			return err
		}
	}
	from := strconv.FormatInt(since.UnixMilli(), 10)
	for _, symbol := range x.book.visited() {
		var past []spotOrder
		v := values{"symbol", symbol, "startTime", from, "limit", strconv.Itoa(spotPage)}
		if err := x.spotRead(ctx, recalling, "catch up on orders", "/api/v3/allOrders", v, true, &past); err != nil {
			return err
		}
		if err := x.takeSpotOrders(ctx, past); err != nil {
			return err
		}
		// One question for most executions; tend asks for those that are still missing, order by order.
		var trades []trade
		v = values{"symbol", symbol, "startTime", from, "limit", strconv.Itoa(pageSize)}
		if err := x.spotRead(ctx, filling, "catch up on executions", "/api/v3/myTrades", v, true, &trades); err != nil {
			return err
		}
		for _, t := range trades {
			t.Symbol = symbol
			if err := x.takeTrade(ctx, t); err != nil {
				return err
			}
		}
	}
	if err := x.tend(ctx, trading.Spot); err != nil {
		return err
	}
	x.noteTime(trading.Spot, now.UTC())
	return nil
}

func (x *Exchange) takeSpotOrders(ctx context.Context, list []spotOrder) error {
	for _, r := range list {
		row, known := r.row()
		if !known {
			x.cfg.Log.Warn("mexc: an order with a status that is not known", "order", string(r.ID), "status", r.Status)
			continue
		}
		if err := x.takeSpotRow(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// tendSpot asks for the executions of an order whose row is ahead of them.
func (x *Exchange) tendSpot(ctx context.Context, row tape.Row) error {
	var list []trade
	v := values{"symbol", row.Symbol, "orderId", row.ExchangeID, "limit", strconv.Itoa(pageSize)}
	if err := x.spotRead(ctx, filling, "read late executions", "/api/v3/myTrades", v, true, &list); err != nil {
		return err
	}
	for _, t := range list {
		t.Symbol = row.Symbol
		if t.OrderID.id() != row.ExchangeID {
			continue
		}
		if err := x.takeTrade(ctx, t); err != nil {
			return err
		}
	}
	return nil
}
