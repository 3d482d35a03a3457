package binance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// privatePath is where the events of a listen key are.
const privatePath = "/private/ws"

// serveFutures keeps the private stream of the futures up until ctx ends. Its address holds the listen key, so that every
// connection is a stream of its own.
func (x *Exchange) serveFutures(ctx context.Context) error {
	pauses := x.cfg.Stream.Pauses()
	for {
		key, err := x.listenKey(ctx)
		if err == nil {
			var lived bool
			if lived, err = x.listen(ctx, key); lived {
				pauses.Anew()
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.broke(x.futures, err)
		if err = pauses.Wait(ctx); err != nil {
			return err
		}
	}
}

// listenKey asks for the listen key of the account; asked again, Binance answers with the same one and lets it live on.
func (x *Exchange) listenKey(ctx context.Context) (string, error) {
	var answer struct {
		Key string `json:"listenKey"`
	}
	c := call{method: "POST", path: "/fapi/v1/listenKey", what: "open the private stream", weight: 1, access: keyed}
	if err := x.read(ctx, x.futures, c, &answer); err != nil {
		return "", err
	}
	if answer.Key == "" {
		return "", trading.Errorf(trading.Unavailable, "binance: open the private stream: an answer without a key")
	}
	return answer.Key, nil
}

// listen is one connection; lived tells that it became live.
func (x *Exchange) listen(ctx context.Context, key string) (lived bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, streamDay)
	defer cancel()
	broken := errors.New("the stream is a day old")
	s := x.cfg.Stream
	s.URL, s.Proxy, s.Ping = x.cfg.PrivateURL+privatePath+"?listenKey="+url.QueryEscape(key), x.cfg.Proxy, nil
	if s.Silence == 0 {
		s.Silence = futuresSilence
	}
	s.Open = func(ctx context.Context, _ *wire.Conn) error { return x.clockRead(ctx, x.futures) }
	s.Gap = func(ctx context.Context) error {
		err := x.catchUp(ctx, x.futures)
		lived = err == nil
		return err
	}
	s.Message = x.futuresMessage
	s.Broke = func(why error) {
		broken = why
		cancel()
	}
	stream, err := wire.NewStream(s)
	if err != nil {
		return false, err
	}
	x.futures.mu.Lock()
	x.futures.stream = stream
	x.futures.mu.Unlock()
	var work sync.WaitGroup
	work.Go(func() { x.renew(ctx, cancel) })
	// It ends with ctx, which ends with the connection; why is in broken.
	_ = stream.Serve(ctx)
	cancel()
	work.Wait()
	return lived, broken
}

// renew keeps the listen key alive, and ends the connection when it is gone.
func (x *Exchange) renew(ctx context.Context, end func()) {
	for pause := keyEvery; wire.Pause(ctx, pause) == nil; {
		var nothing json.RawMessage
		err := x.read(ctx, x.futures, call{method: "PUT", path: "/fapi/v1/listenKey", what: "renew the private stream", weight: 1, access: keyed}, &nothing)
		pause = keyEvery
		if err == nil {
			continue
		}
		if trading.KindOf(err) == trading.NotFound {
			end()
			return
		}
		// The key lives for half an hour more.
		pause = keyAgain
		if ctx.Err() == nil {
			x.cfg.Log.Warn("binance", "error", err)
		}
	}
}

// futuresEvent is an event of the futures account.
type futuresEvent struct {
	Kind   string          `json:"e"`
	Time   exchange.Millis `json:"E"`
	Order  json.RawMessage `json:"o"`
	Change json.RawMessage `json:"a"`
	Config json.RawMessage `json:"ac"`
}

// UnmarshalJSON tells keys apart that differ in case only.
func (e *futuresEvent) UnmarshalJSON(data []byte) error {
	type plain futuresEvent
	return exactly(data, (*plain)(e))
}

// orderEvent is the order of ORDER_TRADE_UPDATE.
type orderEvent struct {
	Symbol       string          `json:"s"`
	ClientID     string          `json:"c"`
	Side         string          `json:"S"`
	Type         string          `json:"o"`
	Qty          trading.Qty     `json:"q"`
	Price        trading.Price   `json:"p"`
	Stop         trading.Price   `json:"sp"`
	Execution    string          `json:"x"`
	Status       string          `json:"X"`
	ID           number          `json:"i"`
	LastQty      trading.Qty     `json:"l"`
	Filled       trading.Qty     `json:"z"`
	LastPrice    trading.Price   `json:"L"`
	Fee          trading.Money   `json:"n"`
	FeeAsset     string          `json:"N"`
	At           exchange.Millis `json:"T"`
	TradeID      number          `json:"t"`
	Maker        bool            `json:"m"`
	ReduceOnly   bool            `json:"R"`
	PositionSide string          `json:"ps"`
	Close        bool            `json:"cp"`
	PnL          trading.Money   `json:"rp"`
	Expiry       string          `json:"er"`
}

// UnmarshalJSON tells keys apart that differ in case only.
func (e *orderEvent) UnmarshalJSON(data []byte) error {
	type plain orderEvent
	return exactly(data, (*plain)(e))
}

// algoEvent is the order of ALGO_UPDATE.
type algoEvent struct {
	ClientID     string        `json:"caid"`
	ID           number        `json:"aid"`
	Type         string        `json:"o"`
	Symbol       string        `json:"s"`
	Side         string        `json:"S"`
	PositionSide string        `json:"ps"`
	Status       string        `json:"X"`
	Actual       number        `json:"ai"`
	Qty          trading.Qty   `json:"q"`
	Trigger      trading.Price `json:"tp"`
	Close        bool          `json:"cp"`
	Reason       string        `json:"rm"`
}

// UnmarshalJSON tells keys apart that differ in case only.
func (e *algoEvent) UnmarshalJSON(data []byte) error {
	type plain algoEvent
	return exactly(data, (*plain)(e))
}

// futuresMessage takes one message of the futures stream. What is not known is passed over: the catch-up and the look-ups
// do not depend on it.
func (x *Exchange) futuresMessage(ctx context.Context, data []byte) error {
	var e futuresEvent
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	var err error
	switch e.Kind {
	case "ORDER_TRADE_UPDATE":
		err = decoded(e.Order, func(o orderEvent) error { return x.takeFutures(ctx, o) })
	case "ALGO_UPDATE":
		err = decoded(e.Order, func(a algoEvent) error { return x.takeAlgo(ctx, a) })
	case "ACCOUNT_UPDATE":
		err = decoded(e.Change, func(c struct {
			Why string `json:"m"`
		}) error {
			x.noteChange(c.Why)
			return nil
		})
	case "ACCOUNT_CONFIG_UPDATE":
		// What was read back may no longer be so.
		err = decoded(e.Config, func(c struct {
			Symbol string `json:"s"`
		}) error {
			x.mu.Lock()
			delete(x.settings, c.Symbol)
			x.mu.Unlock()
			return nil
		})
	case "listenKeyExpired", "serverShutdown":
		return errors.New("the exchange ends the stream: " + e.Kind)
	}
	if err == nil && !e.Time.IsZero() {
		x.futures.noteTime(e.Time.UTC())
	}
	return err
}

// decoded reads a part of an event, which may be missing.
func decoded[T any](raw json.RawMessage, take func(T) error) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	return take(v)
}

// noteChange asks for funding soon after it was paid; the event itself does not name the payment.
func (x *Exchange) noteChange(why string) {
	if why != "FUNDING_FEE" {
		return
	}
	x.mu.Lock()
	x.fundingDue = x.cfg.Now().Add(fundingLate)
	x.mu.Unlock()
	x.stir()
}

func (x *Exchange) takeFutures(ctx context.Context, e orderEvent) error {
	row := orderRow{
		Symbol: e.Symbol, ID: e.ID, ClientID: e.ClientID, Status: e.Status, Type: e.Type, Side: e.Side, PositionSide: e.PositionSide, Price: e.Price,
		Stop: e.Stop, Qty: e.Qty, Filled: e.Filled, ReduceOnly: e.ReduceOnly, Close: e.Close, Reason: e.Expiry, UpdatedAt: e.At,
	}
	if err := x.takeRow(ctx, x.futures, row); err != nil {
		return err
	}
	if !e.LastQty.IsPositive() || (e.Execution != "TRADE" && e.Execution != "CALCULATED") || e.TradeID == "0" {
		// An execution without a number of its own is asked for.
		return nil
	}
	return x.takeTrade(ctx, x.futures, row, tradeRow{
		Symbol: e.Symbol, ID: e.TradeID, OrderID: e.ID, Side: e.Side, PositionSide: e.PositionSide, Price: e.LastPrice, Qty: e.LastQty, Fee: e.Fee,
		FeeAsset: e.FeeAsset, PnL: e.PnL, Maker: e.Maker, At: e.At,
	})
}

// takeAlgo learns which order a protection of ours became. Its own events may have come before, under an id that says
// nothing: it is asked for once more.
func (x *Exchange) takeAlgo(ctx context.Context, e algoEvent) error {
	a := algoRow{
		ID: e.ID, ClientID: e.ClientID, Symbol: e.Symbol, Type: e.Type, Side: e.Side, PositionSide: e.PositionSide, Status: e.Status, Qty: e.Qty,
		Trigger: e.Trigger, Close: e.Close, Actual: e.Actual, Reason: e.Reason,
	}
	if e.Status == "REJECTED" && a.ours() {
		x.cfg.Log.Error("binance: a protection was rejected when it was triggered", "symbol", a.Symbol, "order", a.ClientID, "reason", a.Reason)
	}
	if !x.noteAlgo(a) {
		return nil
	}
	if err := x.askAgain(ctx, x.futures, a.Symbol, exchangeID(trading.Linear, a.Symbol, a.Actual)); err != nil {
		// The order may not be shown yet; its own events follow, and now they say something.
		x.cfg.Log.Info("binance", "error", err)
		x.futures.mu.Lock()
		x.futures.symbols[a.Symbol] = false
		x.futures.mu.Unlock()
	}
	return nil
}
