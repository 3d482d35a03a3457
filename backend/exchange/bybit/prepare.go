package bybit

import (
	"context"
	"strconv"

	"hoox/backend/trading"
)

// seat is how a symbol is set up.
type seat struct {
	leverage int
	// hedge tells that long and short are held apart.
	hedge bool
	reading[struct{}]
}

// notSent makes an error of something that had to be known before an order may be sent: a certain no stays one, anything
// else happened before the wire.
func notSent(err error) error {
	switch trading.KindOf(err) {
	case "":
		return nil
	case trading.Rejected, trading.Unauthorized:
		return trading.Errorf(trading.Rejected, "bybit: not sent: %w", err)
	}
	return trading.Errorf(trading.Unavailable, "bybit: not sent: %w", err)
}

// prepare sets what the order needs to be as meant. It sends no order, so that every failure is one before the wire.
func (x *Exchange) prepare(ctx context.Context, o trading.Order) error {
	if o.Product == trading.Spot {
		if o.ReduceOnly && o.Side == trading.Buy {
			return trading.Errorf(trading.Rejected, "bybit: a purchase of %s reduces nothing: there is no short of a coin", o.Symbol)
		}
		return nil
	}
	x.mu.Lock()
	had, margin := x.seats[o.Symbol], x.margin
	x.mu.Unlock()
	if o.ReduceOnly {
		// A close does not wait for a reading; the exchange refuses a wrong slot too.
		if had.fresh(x.cfg.Now(), seatTrusted) {
			return fits(o, had)
		}
		return nil
	}
	if o.MarginMode != "" {
		if !margin.fresh(x.cfg.Now(), seatTrusted) {
			if _, err := x.marginMode(ctx); err != nil {
				return notSent(err)
			}
			x.mu.Lock()
			margin = x.margin
			x.mu.Unlock()
		}
		if margin.value != o.MarginMode {
			return trading.Errorf(trading.Rejected, "bybit: the account is in %s margin, the order asks for %s: the mode is the whole account's, change it there or in the alert", marginName(margin.value), o.MarginMode)
		}
	}
	return x.takeSeat(ctx, o, had)
}

// takeSeat makes sure of the position mode and the leverage.
func (x *Exchange) takeSeat(ctx context.Context, o trading.Order, had seat) error {
	now := x.cfg.Now()
	if !had.fresh(now, seatTrusted) {
		var err error
		if had, err = x.readSeat(ctx, o.Symbol); err != nil {
			return notSent(err)
		}
	}
	if err := fits(o, had); err != nil {
		return err
	}
	if o.Leverage <= 0 || had.leverage == o.Leverage {
		return nil
	}
	return x.setLeverage(ctx, o.Symbol, o.Leverage)
}

// fits tells in words why an order's slot is none of the account's.
func fits(o trading.Order, had seat) error {
	hedge := o.Slot == trading.SlotLong || o.Slot == trading.SlotShort
	switch {
	case had.at.IsZero() || hedge == had.hedge:
		return nil
	case had.hedge:
		return trading.Errorf(trading.Rejected, "bybit: %s is in hedge mode, and the order names neither the long nor the short side", o.Symbol)
	}
	return trading.Errorf(trading.Rejected, "bybit: %s is in one-way mode, and the order is for the %s side of hedge mode", o.Symbol, o.Slot)
}

// readSeat reads how a symbol is set up; a symbol of which Bybit shows no row, because it was never traded, is not known.
func (x *Exchange) readSeat(ctx context.Context, symbol string) (seat, error) {
	if _, err := x.positionRows(ctx, values{"category", "linear", "symbol", symbol}); err != nil {
		return seat{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.seats[symbol], nil
}

// noteRows remembers what a list of positions says about one symbol, of which it shows every slot.
func (x *Exchange) noteRows(symbol string, rows []positionRow) {
	now := x.cfg.Now()
	s := seat{leverage: -1, reading: reading[struct{}]{at: now}}
	var net trading.Qty
	for _, r := range rows {
		if r.Symbol != symbol {
			continue
		}
		s.hedge = s.hedge || r.Idx != 0
		// Two sides with different leverage are as good as unknown.
		if had := lever(r.Leverage); s.leverage == -1 || s.leverage == had {
			s.leverage = had
		} else {
			s.leverage = 0
		}
		net = net.Add(r.signed())
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s.leverage == -1 {
		delete(x.seats, symbol)
		return
	}
	x.seats[symbol] = s
	x.held[symbol] = reading[trading.Qty]{net, now}
}

// setLeverage sets the leverage of a symbol for both sides and reads it back.
func (x *Exchange) setLeverage(ctx context.Context, symbol string, leverage int) error {
	what, text := "set the leverage of "+symbol, strconv.Itoa(leverage)
	e, err := x.write(ctx, adjusting, what, "/v5/position/set-leverage",
		map[string]string{"category": "linear", "symbol": symbol, "buyLeverage": text, "sellLeverage": text}, longestWindow, false)
	if err != nil {
		return notSent(err)
	}
	if c := e.class(); c != done && c != already {
		kind := kindOf(c)
		if kind == trading.Unknown {
			kind = trading.Unavailable
		}
		return failure(kind, what, e)
	}
	had, err := x.readSeat(ctx, symbol)
	if err != nil {
		return notSent(err)
	}
	if !had.at.IsZero() && had.leverage != leverage {
		return trading.Errorf(trading.Unavailable, "bybit: not sent: leverage of %s is %d after it was set to %d", symbol, had.leverage, leverage)
	}
	return nil
}
