package binance

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// rememberedIDs bounds how many client order ids are held in memory; an older one is asked for before it is sent.
const rememberedIDs = 8192

// wordsOf writes an order in Binance's words. It fails with Rejected for what cannot be sent.
func (x *Exchange) wordsOf(o trading.Order, mode trading.PositionMode) (values, error) {
	v := values{"symbol", o.Symbol, "side", sideWord(o.Side)}
	switch {
	case o.ID == "" || o.Symbol == "":
		return nil, trading.Errorf(trading.Rejected, "binance: an order without an id or a symbol is not sent")
	case !o.Qty.IsPositive():
		return nil, trading.Errorf(trading.Rejected, "binance: quantity %s is not above zero", o.Qty)
	case o.Type == trading.Limit && !o.Price.IsPositive():
		return nil, trading.Errorf(trading.Rejected, "binance: limit price %s is not above zero", o.Price)
	}
	if o.Product == trading.Linear {
		if err := fits(o, mode); err != nil {
			return nil, err
		}
		v = append(v, "positionSide", slotWord(o.Slot))
	} else if o.ReduceOnly && o.Side != trading.Sell {
		return nil, trading.Errorf(trading.Rejected, "binance: on spot only a sale reduces")
	}
	switch o.Type {
	case trading.Market:
		v = append(v, "type", "MARKET", "quantity", o.Qty.String())
	case trading.Limit:
		v = append(v, "type", "LIMIT", "timeInForce", "GTC", "quantity", o.Qty.String(), "price", o.Price.String())
	default:
		return nil, trading.Errorf(trading.Rejected, "binance: an order of type %q is not sent", string(o.Type))
	}
	if o.Product == trading.Linear && o.ReduceOnly && mode != trading.Hedge {
		// In hedge mode the position side says it all, and the word is refused.
		v = append(v, "reduceOnly", "true")
	}
	return append(v, "newClientOrderId", string(o.ID), "newOrderRespType", pick(o.Product == trading.Spot, "FULL", "RESULT")), nil
}

// fits tells in words why the slot of an order is none of the account's mode, or its side none of the slot.
func fits(o trading.Order, mode trading.PositionMode) error {
	switch {
	case mode == trading.Hedge && o.Slot == trading.SlotBoth:
		return trading.Errorf(trading.Rejected, "binance: the account is in hedge mode, the order is for the net position: read the account again, or switch it to one-way mode")
	case mode != trading.Hedge && o.Slot != trading.SlotBoth && o.Slot != "":
		return trading.Errorf(trading.Rejected, "binance: the account is in one-way mode, the order is for the %s side: read the account again, or switch it to hedge mode", o.Slot)
	case mode != trading.Hedge:
		return nil
	}
	opens := pick(o.Slot == trading.SlotLong, trading.Buy, trading.Sell)
	if (o.Side == opens) == o.ReduceOnly {
		return trading.Errorf(trading.Rejected, "binance: a %s in the %s slot %s, which is not what the order says", o.Side, o.Slot, pick(o.ReduceOnly, "opens", "reduces"))
	}
	return nil
}

// Submit sends one order, once, and answers with what became of it as far as Binance says: spot at once, futures within
// Config.Patience. The kinds of error: Rejected, a certain no, in words; Unavailable, it never left; Limited, not
// processed; Unknown, it may live: ask Lookup. An id that was sent before is Unknown too, because Binance would fill it
// again.
func (x *Exchange) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	if o.Account != x.cfg.Account {
		return trading.Report{}, trading.Errorf(trading.Rejected, "binance: order %s is for account %s, this is %s", o.ID, o.Account, x.cfg.Account)
	}
	s, err := x.side(o.Product)
	if err != nil {
		return trading.Report{}, err
	}
	if o.ReduceOnly {
		ctx = pressed(ctx)
	}
	if err := x.onTime(ctx, s); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "binance: not sent: %w", err)
	}
	mode := trading.OneWay
	if o.Product == trading.Linear {
		if mode, err = x.positionMode(ctx, false); err != nil {
			return trading.Report{}, notSent(err)
		}
	}
	v, err := x.wordsOf(o, mode)
	if err != nil {
		return trading.Report{}, err
	}
	if err := x.firstTime(ctx, s, o); err != nil {
		return trading.Report{}, err
	}
	r, sent, err := x.place(ctx, s, o, v)
	if !sent || trading.KindOf(err) == trading.Limited {
		x.unclaim(o.ID)
	}
	return r, err
}

// notSent is the error of something that had to be known or set before an order: nothing of the order has left. A certain
// no stays one, and so does a refused key.
func notSent(err error) error {
	switch kind := trading.KindOf(err); kind {
	case trading.Rejected:
		return err
	case trading.Unauthorized, trading.Refused:
		return trading.Errorf(trading.Rejected, "binance: not sent: %w", err)
	case trading.Limited:
		return trading.Errorf(trading.Limited, "binance: not sent: %w", err)
	default:
		return trading.Errorf(trading.Unavailable, "binance: not sent: %w", err)
	}
}

// firstTime claims a client order id for the one time that it is sent. An id that may have been sent before this process
// began is asked for first.
func (x *Exchange) firstTime(ctx context.Context, s *side, o trading.Order) error {
	x.mu.Lock()
	again := x.sent[o.ID]
	if !again {
		x.sent[o.ID] = true
		x.line = append(x.line, o.ID)
		if len(x.line) > rememberedIDs {
			delete(x.sent, x.line[0])
			x.line = x.line[1:]
		}
	}
	x.mu.Unlock()
	if again {
		return trading.Errorf(trading.Unknown, "binance: order %s was sent before and is not sent again: Binance would fill it a second time", o.ID)
	}
	if o.Attempts <= 1 && o.CreatedAt.After(x.started) {
		return nil
	}
	row, err := x.findRow(ctx, s, o, "look for order "+string(o.ID)+" before it is sent")
	if err != nil {
		x.unclaim(o.ID)
		return notSent(err)
	}
	if row != nil {
		return trading.Errorf(trading.Unknown, "binance: order %s is at Binance already and is not sent again", o.ID)
	}
	return nil
}

// unclaim lets an id be sent again: nothing of it was processed.
func (x *Exchange) unclaim(id trading.OrderID) {
	x.mu.Lock()
	delete(x.sent, id)
	x.mu.Unlock()
}

// place sets what the order needs and sends it; sent is false when nothing of the order has left.
func (x *Exchange) place(ctx context.Context, s *side, o trading.Order, v values) (r trading.Report, sent bool, err error) {
	if o.Product == trading.Spot && o.ReduceOnly {
		return x.sell(ctx, o, v)
	}
	if o.Product == trading.Linear && !o.ReduceOnly {
		if err := x.setSymbol(ctx, s, o.Symbol, o.Leverage, o.MarginMode); err != nil {
			return r, false, notSent(err)
		}
	}
	return x.send(ctx, s, o, v)
}

// send sends an order for which everything is ready.
func (x *Exchange) send(ctx context.Context, s *side, o trading.Order, v values) (r trading.Report, sent bool, err error) {
	window := longestWindow
	if !o.Deadline.IsZero() {
		window = min(window, o.Deadline.Sub(x.cfg.Now()))
	}
	if window < shortestWindow {
		return r, false, trading.Errorf(trading.Unavailable, "binance: not sent: the order's time is over")
	}
	what := "place order " + string(o.ID)
	x.note(s, o.Symbol)
	// A connection that comes later would carry an order whose time is over.
	connect, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	answer, err := x.write(connect, s, call{
		method: "POST", path: s.paths.order, v: v, what: what, weight: 1, places: true, urgent: o.ReduceOnly, window: window,
	})
	if err != nil {
		return r, trading.KindOf(err) != trading.Unavailable, err
	}
	r, err = x.acknowledged(ctx, s, o, what, answer)
	return r, true, err
}

// acknowledged reads the answer to a submit.
func (x *Exchange) acknowledged(ctx context.Context, s *side, o trading.Order, what string, answer reply) (trading.Report, error) {
	switch answer.class {
	case done:
	case repeated:
		return trading.Report{}, failure(trading.Unknown, what+": an order with this id is open", answer)
	case absent:
		return trading.Report{}, failure(trading.Unknown, what, answer)
	default:
		if answer.code == -4061 {
			x.forgetMode()
		}
		return trading.Report{}, failure(kindOf(answer.class), what, answer)
	}
	var row orderRow
	if err := json.Unmarshal(answer.body, &row); err != nil || row.ID == "" || row.Symbol != o.Symbol || (row.ClientID != "" && row.ClientID != string(o.ID)) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "binance: %s: acknowledged without its ids", what)
	}
	s.accepted()
	s.remember(o.ID, o.Symbol, x.cfg.Now())
	if r, ok := x.told(s, o, row); ok {
		return r, nil
	}
	return x.outcome(ctx, s, o, row)
}

// told is the report that a spot answer makes by itself: it comes with its fills.
func (x *Exchange) told(s *side, o trading.Order, row orderRow) (trading.Report, bool) {
	if s.product != trading.Spot {
		return trading.Report{}, false
	}
	row.ClientID = string(o.ID)
	t, known := x.tapeRow(s, row)
	if !known {
		return trading.Report{}, false
	}
	var fills []trading.Fill
	for _, f := range row.Fills {
		// What fills at once has taken.
		fill, ok := x.fillOf(s, tradeRow{Symbol: row.Symbol, ID: f.ID, OrderID: row.ID, Side: row.Side, Price: f.Price, Qty: f.Qty, Fee: f.Fee, FeeAsset: f.FeeAsset, At: row.TransactAt}, o.ID)
		if ok {
			fills = append(fills, fill)
		}
	}
	r := x.report(o, t, fills)
	return r, r.Filled.Equal(row.Filled)
}

// report makes the report of an order of ours from a row and its fills.
func (x *Exchange) report(o trading.Order, t tape.Row, fills []trading.Fill) trading.Report {
	r := tape.Assemble(o.ID, &t, fills)
	for i := range r.Fills {
		r.Fills[i].OrderID, r.Fills[i].SignalID, r.Fills[i].Slot = o.ID, o.SignalID, o.Slot
	}
	return r
}

// outcome asks what became of an acknowledged order; "accepted" may be all that can be said, the stream tells the rest.
func (x *Exchange) outcome(ctx context.Context, s *side, o trading.Order, row orderRow) (trading.Report, error) {
	accepted := trading.Report{OrderID: o.ID, ExchangeID: exchangeID(s.product, row.Symbol, row.ID), Status: trading.OrderAccepted, At: x.cfg.Now().UTC()}
	o.ExchangeID = accepted.ExchangeID
	ctx, cancel := context.WithTimeout(ctx, x.cfg.Patience)
	defer cancel()
	for wait := 25 * time.Millisecond; ; wait = min(2*wait, 400*time.Millisecond) {
		r, settled, err := x.look(ctx, s, o, false)
		if err == nil && r.ExchangeID != "" {
			accepted = r
		}
		if err == nil && settled {
			if r.Status == trading.OrderRejected {
				return trading.Report{}, trading.Errorf(trading.Rejected, "binance: order %s was rejected after it was received: %s", o.ID, cmp.Or(r.Reason, "no reason given"))
			}
			return r, nil
		}
		if wire.Pause(ctx, wait) != nil {
			return accepted, nil
		}
	}
}

// marginWords are Binance's names of the margin modes of a symbol.
var marginWords = map[trading.MarginMode]string{trading.Cross: "CROSSED", trading.Isolated: "ISOLATED"}

// setSymbol makes leverage and margin mode of a symbol what an entry asks for, and reads them back; zero and "" are any.
func (x *Exchange) setSymbol(ctx context.Context, s *side, symbol string, leverage int, margin trading.MarginMode) error {
	if leverage <= 0 && margin == "" {
		return nil
	}
	right := func(had setting) bool {
		return (leverage <= 0 || had.leverage == leverage) && (margin == "" || had.margin == margin)
	}
	x.mu.Lock()
	had, ok := x.settings[symbol]
	x.mu.Unlock()
	if ok && right(had) && x.cfg.Now().Sub(had.at) < settingsTrusted {
		return nil
	}
	had, err := x.symbolSetting(ctx, symbol)
	if err != nil {
		return err
	}
	if right(had) {
		return nil
	}
	if margin != "" && had.margin != margin {
		if err := x.adjust(ctx, s, "set the margin mode of "+symbol, "/fapi/v1/marginType", values{"symbol", symbol, "marginType", marginWords[margin]}); err != nil {
			return err
		}
	}
	if leverage > 0 && had.leverage != leverage {
		if err := x.adjust(ctx, s, "set the leverage of "+symbol, "/fapi/v1/leverage", values{"symbol", symbol, "leverage", strconv.Itoa(leverage)}); err != nil {
			return err
		}
	}
	if had, err = x.symbolSetting(ctx, symbol); err != nil {
		return err
	}
	if !right(had) {
		return trading.Errorf(trading.Unavailable, "binance: %s is at %d× %s after it was set to %d× %s", symbol, had.leverage, had.margin, leverage, margin)
	}
	return nil
}

// adjust changes a setting; that it is so already is success.
func (x *Exchange) adjust(ctx context.Context, s *side, what, path string, v values) error {
	if err := x.clockRead(ctx, s); err != nil {
		return err
	}
	r, err := x.write(ctx, s, call{method: "POST", path: path, v: v, what: what, weight: 1})
	if err != nil {
		return err
	}
	if r.class != done && r.class != already {
		return failure(kindOf(r.class), what, r)
	}
	return nil
}

// symbolSetting reads leverage and margin mode of a symbol and keeps them for a while.
func (x *Exchange) symbolSetting(ctx context.Context, symbol string) (setting, error) {
	var rows []struct {
		Symbol   string        `json:"symbol"`
		Margin   string        `json:"marginType"`
		Leverage trading.Ratio `json:"leverage"`
	}
	what := "read the settings of " + symbol
	if err := x.read(ctx, x.futures, call{path: "/fapi/v1/symbolConfig", v: values{"symbol", symbol}, what: what, weight: 5}, &rows); err != nil {
		return setting{}, err
	}
	for _, r := range rows {
		if r.Symbol != symbol {
			continue
		}
		had := setting{leverage: whole(r.Leverage), margin: pick(r.Margin == "ISOLATED", trading.Isolated, trading.Cross), at: x.cfg.Now()}
		x.mu.Lock()
		x.settings[symbol] = had
		x.mu.Unlock()
		return had, nil
	}
	return setting{}, trading.Errorf(trading.Unavailable, "binance: %s: an answer without it", what)
}

// whole is the whole part of a number.
func whole(r trading.Ratio) int {
	n, err := strconv.Atoi(r.Floor(trading.RatioUnits(1, 0)).String())
	if err != nil {
		return 0
	}
	return n
}
