package binance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// spotPath is where the WebSocket API of spot is.
const spotPath = "/ws-api/v3"

func (x *Exchange) spotStream() (*wire.Stream, error) {
	s := x.cfg.Stream
	s.URL, s.Proxy = x.cfg.SpotPrivateURL+spotPath, x.cfg.Proxy
	s.Open, s.Message = x.subscribeSpot, x.spotMessage
	s.Gap = func(ctx context.Context) error { return x.catchUp(ctx, x.spot) }
	s.Ping = []byte(`{"id":"ping","method":"ping"}`)
	s.Broke = func(err error) { x.broke(x.spot, err) }
	return wire.NewStream(s)
}

func (x *Exchange) broke(s *side, err error) {
	if x.left(s) {
		// The key is none of this product, which has been said.
		return
	}
	x.cfg.Log.Warn("binance stream broke", "product", s.product, "error", err)
}

// subscribeSpot opens the account's events on a new connection. It is signed anew each time; the frame is never logged.
func (x *Exchange) subscribeSpot(ctx context.Context, c *wire.Conn) error {
	if err := x.clockRead(ctx, x.spot); err != nil {
		return err
	}
	params := signedParams(x.cfg.Secret(), map[string]string{
		"apiKey": x.cfg.Key(), "timestamp": stamp(x.loginTime()), "recvWindow": "5000",
	})
	body := map[string]any{}
	for n, v := range params {
		body[n] = v
		if n == "timestamp" || n == "recvWindow" {
			body[n] = json.Number(v)
		}
	}
	const id = "events"
	raw, err := json.Marshal(map[string]any{"id": id, "method": "userDataStream.subscribe.signature", "params": body})
	if err != nil {
		return fmt.Errorf("write the subscription: %w", err)
	}
	if err := c.Send(raw); err != nil {
		return fmt.Errorf("send the subscription: %w", err)
	}
	return c.Await(func(data []byte) (bool, error) {
		var m struct {
			ID     string `json:"id"`
			Status int    `json:"status"`
			Error  struct {
				Code int    `json:"code"`
				Text string `json:"msg"`
			} `json:"error"`
		}
		if json.Unmarshal(data, &m) != nil || m.ID != id {
			return false, nil
		}
		if m.Status != 200 {
			return false, x.refusedSpot(reply{status: m.Status, code: m.Error.Code, text: m.Error.Text})
		}
		return true, nil
	})
}

// loginTime is a time that no subscription was signed with before: a frame that repeats is refused.
func (x *Exchange) loginTime() time.Time {
	at := x.spot.skew.Now().Add(-clockMargin)
	x.mu.Lock()
	defer x.mu.Unlock()
	if !at.After(x.login) {
		at = x.login.Add(time.Millisecond)
	}
	x.login = at
	return at
}

// refusedSpot learns from a refusal on the stream what an answer by HTTP would have said.
func (x *Exchange) refusedSpot(r reply) error {
	r.class = classOf(trading.Spot, r.code, r.text)
	x.learn(x.spot, wire.Answer{Status: r.status}, r)
	return failure(trading.Unauthorized, "subscribe to the account", r)
}

// spotEvent is an event of the spot account; executionReport has most of it.
type spotEvent struct {
	Kind      string          `json:"e"`
	Time      exchange.Millis `json:"E"`
	Symbol    string          `json:"s"`
	ClientID  string          `json:"c"`
	OrigID    string          `json:"C"`
	Side      string          `json:"S"`
	Type      string          `json:"o"`
	Execution string          `json:"x"`
	Status    string          `json:"X"`
	Reject    string          `json:"r"`
	OrderID   number          `json:"i"`
	ListID    number          `json:"g"`
	Qty       trading.Qty     `json:"q"`
	Price     trading.Price   `json:"p"`
	Stop      trading.Price   `json:"P"`
	LastQty   trading.Qty     `json:"l"`
	Filled    trading.Qty     `json:"z"`
	LastPrice trading.Price   `json:"L"`
	Fee       trading.Money   `json:"n"`
	FeeAsset  string          `json:"N"`
	TradeID   number          `json:"t"`
	At        exchange.Millis `json:"T"`
	Created   exchange.Millis `json:"O"`
	Maker     bool            `json:"m"`
}

// UnmarshalJSON tells keys apart that differ in case only, which the standard reading does not.
func (e *spotEvent) UnmarshalJSON(data []byte) error {
	type plain spotEvent
	return exactly(data, (*plain)(e))
}

// spotMessage takes one message of the spot stream. What is not known is passed over: the catch-up and the look-ups do not
// depend on it.
func (x *Exchange) spotMessage(ctx context.Context, data []byte) error {
	var m struct {
		Event json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	if len(m.Event) == 0 {
		return nil
	}
	var e spotEvent
	if err := json.Unmarshal(m.Event, &e); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	switch e.Kind {
	case "executionReport":
		if err := x.takeSpot(ctx, e); err != nil {
			return err
		}
	case "eventStreamTerminated", "serverShutdown":
		return errors.New("the exchange ends the stream: " + e.Kind)
	}
	if !e.Time.IsZero() {
		x.spot.noteTime(e.Time.UTC())
	}
	return nil
}

func (x *Exchange) takeSpot(ctx context.Context, e spotEvent) error {
	client := e.ClientID
	if e.OrigID != "" {
		// On a cancel the first is the id of the request.
		client = e.OrigID
	}
	row := orderRow{
		Symbol: e.Symbol, ID: e.OrderID, ListID: e.ListID, ClientID: client, Status: e.Status, Type: e.Type, Side: e.Side, Price: e.Price, Stop: e.Stop,
		Qty: e.Qty, Filled: e.Filled, Reason: e.Reject, CreatedAt: e.Created, UpdatedAt: e.At,
	}
	if err := x.takeRow(ctx, x.spot, row); err != nil {
		return err
	}
	if e.Execution != "TRADE" || !e.LastQty.IsPositive() {
		return nil
	}
	return x.takeTrade(ctx, x.spot, row, tradeRow{
		Symbol: e.Symbol, ID: e.TradeID, OrderID: e.OrderID, Side: e.Side, Price: e.LastPrice, Qty: e.LastQty, Fee: e.Fee, FeeAsset: e.FeeAsset,
		Maker: e.Maker, At: e.At,
	})
}
