package mexc

import (
	"context"
	"encoding/json"
	"strconv"

	"hoox/backend/trading"
)

// prepare completes an order with what depends on the account. It sends no order, so that every failure is one before the
// wire.
func (x *Exchange) prepare(ctx context.Context, o trading.Order, b *createBody) error {
	mode, err := x.positionMode(ctx)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
	}
	if err := fits(o, mode); err != nil {
		return err
	}
	b.PositionMode = modeCode(mode)
	if o.ReduceOnly {
		// In hedge mode the side says it, and the flag is for one-way mode alone.
		b.ReduceOnly = mode == trading.OneWay
		x.aim(ctx, o, b)
	} else if b.Leverage, err = x.setLeverage(ctx, o, mode); err != nil {
		return err
	}
	if o.Type == trading.Market {
		b.Price = x.touch(ctx, o)
	}
	return nil
}

// fits rejects an order whose slot the position mode does not have.
func fits(o trading.Order, mode trading.PositionMode) error {
	want := trading.SlotBoth
	if mode == trading.Hedge {
		want = slot(mode, kindOfSide(sideCode(o.Side, o.ReduceOnly)))
	}
	if o.Slot == want {
		return nil
	}
	if mode == trading.Hedge && o.Slot != trading.SlotBoth {
		return trading.Errorf(trading.Rejected, "mexc: in hedge mode a %s that %s cannot be about the %s side", o.Side, purpose(o), o.Slot)
	}
	return trading.Errorf(trading.Rejected, "mexc: the account is in %s mode, the order is for %s: set the mode of the account, it is never switched by an order", spoken(mode), o.Slot)
}

func purpose(o trading.Order) string {
	if o.ReduceOnly {
		return "closes"
	}
	return "opens"
}

func spoken(m trading.PositionMode) string {
	if m == trading.Hedge {
		return "hedge"
	}
	return "one-way"
}

// aim names the position that a close is about, with its margin mode, when it is to be found; else the exchange decides.
func (x *Exchange) aim(ctx context.Context, o trading.Order, b *createBody) {
	held, err := x.positionRows(ctx, o.Symbol)
	if err != nil {
		return
	}
	for _, p := range held {
		if p.Type == kindOfSide(b.Side) {
			b.OpenType, b.PositionID = p.OpenType, json.Number(p.ID.id())
		}
	}
}

// touch is the price a market order meets, "" when it cannot be told: MEXC's tables want one and it binds nothing.
func (x *Exchange) touch(ctx context.Context, o trading.Order) json.Number {
	var t ticker
	if _, err := x.futuresRead(ctx, accounting, "read the price", "/api/v1/contract/ticker", values{"symbol", o.Symbol}, false, &t); err != nil {
		return ""
	}
	p := t.Bid
	if o.Side == trading.Buy {
		p = t.Ask
	}
	if !p.IsPositive() {
		return ""
	}
	return digits(p.Ratio)
}

// positionMode is how the account nets, read once and forgotten when anything speaks against it.
func (x *Exchange) positionMode(ctx context.Context) (trading.PositionMode, error) {
	x.mu.Lock()
	mode := x.mode
	x.mu.Unlock()
	if mode != "" {
		return mode, nil
	}
	return x.readMode(ctx)
}

// readMode asks for the position mode; it comes as a number or as an object around it.
func (x *Exchange) readMode(ctx context.Context) (trading.PositionMode, error) {
	var raw json.RawMessage
	if _, err := x.futuresRead(ctx, accounting, "read the position mode", "/api/v1/private/position/position_mode", nil, true, &raw); err != nil {
		return "", err
	}
	var object struct {
		Mode int `json:"positionMode"`
	}
	if json.Unmarshal(raw, &object) != nil {
		if err := json.Unmarshal(raw, &object.Mode); err != nil {
			return "", trading.Errorf(trading.Unavailable, "mexc: read the position mode: %w", err)
		}
	}
	mode := modeOf(object.Mode, "")
	if mode == "" {
		return "", trading.Errorf(trading.Unavailable, "mexc: read the position mode: %d is none", object.Mode)
	}
	x.noteMode(mode)
	return mode, nil
}

func (x *Exchange) noteMode(mode trading.PositionMode) {
	x.mu.Lock()
	x.mode = mode
	x.mu.Unlock()
}

func (x *Exchange) forgetMode() { x.noteMode("") }

// leverageRow is the leverage of one side of a contract; OpenType is 0 where one row stands for both margin modes.
type leverageRow struct {
	Type     int    `json:"positionType"`
	OpenType int    `json:"openType"`
	Leverage amount `json:"leverage"`
}

// leverageOf is what holds for a side and a margin mode, zero when it is not told.
func leverageOf(list []leverageRow, kind, openType int) int {
	for _, r := range list {
		if r.Type == kind && (r.OpenType == openType || r.OpenType == 0) {
			return r.Leverage.whole()
		}
	}
	return 0
}

func (x *Exchange) leverageRows(ctx context.Context, symbol string) ([]leverageRow, error) {
	var got rows[leverageRow]
	if _, err := x.futuresRead(ctx, holding, "read the leverage of "+symbol, "/api/v1/private/position/leverage", values{"symbol", symbol}, true, &got); err != nil {
		return nil, trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
	}
	return got.list, nil
}

// setLeverage sets the leverage of the side that an entry opens and reads it back; it answers with the one that holds. An
// order that asks for none leaves it as it is.
func (x *Exchange) setLeverage(ctx context.Context, o trading.Order, mode trading.PositionMode) (int, error) {
	kind, openType := kindOfSide(sideCode(o.Side, false)), openTypeOf(o.MarginMode)
	key := o.Symbol + "/" + strconv.Itoa(kind) + "/" + strconv.Itoa(openType)
	x.mu.Lock()
	had, ok := x.leverage[key]
	x.mu.Unlock()
	if ok && (o.Leverage <= 0 || had.value == o.Leverage) && x.cfg.Now().Sub(had.at) < leverageTrusted {
		return had.value, nil
	}
	list, err := x.leverageRows(ctx, o.Symbol)
	if err != nil {
		return 0, err
	}
	is := leverageOf(list, kind, openType)
	if o.Leverage > 0 && is != o.Leverage {
		if err := x.changeLeverage(ctx, o, kind, openType); err != nil {
			return 0, err
		}
		if list, err = x.leverageRows(ctx, o.Symbol); err != nil {
			return 0, err
		}
		if is = leverageOf(list, kind, openType); is != o.Leverage {
			return 0, trading.Errorf(trading.Unavailable, "mexc: not sent: leverage of %s is %d after it was set to %d", o.Symbol, is, o.Leverage)
		}
	}
	if is == 0 {
		return 0, trading.Errorf(trading.Unavailable, "mexc: not sent: MEXC does not tell the leverage of %s", o.Symbol)
	}
	x.mu.Lock()
	x.leverage[key] = setting{is, x.cfg.Now()}
	x.mu.Unlock()
	return is, nil
}

// changeLeverage asks for another leverage: of the position when there is one, of the side when there is none.
func (x *Exchange) changeLeverage(ctx context.Context, o trading.Order, kind, openType int) error {
	type change struct {
		PositionID json.Number `json:"positionId,omitempty"`
		Leverage   int         `json:"leverage"`
		Symbol     string      `json:"symbol,omitempty"`
		OpenType   int         `json:"openType,omitempty"`
		Type       int         `json:"positionType,omitempty"`
	}
	held, err := x.positionRows(ctx, o.Symbol)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
	}
	body := change{Leverage: o.Leverage, Symbol: o.Symbol, OpenType: openType, Type: kind}
	for _, p := range held {
		if p.Type == kind {
			body = change{Leverage: o.Leverage, PositionID: json.Number(p.ID.id())}
		}
	}
	_, err = x.adjust(ctx, adjusting, "set the leverage of "+o.Symbol, "/api/v1/private/position/change_leverage", body, false)
	if err == nil || trading.KindOf(err) == trading.Rejected || trading.KindOf(err) == trading.Limited {
		return err
	}
	// Whether the leverage changed is not known, but no order was sent.
	return trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
}
