package trading

// Exchange names a trading venue, lower case.
type Exchange string

// The exchanges we know. Paper is the general paper account, which is no twin of a real one.
const (
	Bybit   Exchange = "bybit"
	Binance Exchange = "binance"
	MEXC    Exchange = "mexc"
	Paper   Exchange = "paper"
)

// Exchanges lists every exchange in the order shown.
func Exchanges() []Exchange { return []Exchange{Bybit, Binance, MEXC, Paper} }

// Known tells whether the exchange is one of ours.
func (e Exchange) Known() bool { return e == Bybit || e == Binance || e == MEXC || e == Paper }

// Mode tells whose money moves.
type Mode string

// The modes of an exchange.
const (
	ModePaper   Mode = "paper"
	ModeTestnet Mode = "testnet"
	ModeLive    Mode = "live"
)

// Product is the kind of instrument.
type Product string

// Linear is a perpetual settled in its quote currency; Spot is the asset itself.
const (
	Linear Product = "linear"
	Spot   Product = "spot"
)

// Side is the side of an order or a fill.
type Side string

// The two sides.
const (
	Buy  Side = "buy"
	Sell Side = "sell"
)

// Opposite is the other side.
func (s Side) Opposite() Side {
	if s == Buy {
		return Sell
	}
	return Buy
}

// Direction is the side of a position.
type Direction string

// The directions of a position.
const (
	Long  Direction = "long"
	Short Direction = "short"
	Flat  Direction = "flat"
)

// Entry is the order side that opens the direction.
func (d Direction) Entry() Side {
	if d == Short {
		return Sell
	}
	return Buy
}

// Slot is where a position is kept: one net slot in one-way mode, one for each direction in hedge mode.
type Slot string

// The slots, with Binance's words.
const (
	SlotBoth  Slot = "both"
	SlotLong  Slot = "long"
	SlotShort Slot = "short"
)

// PositionMode is how an account nets opposite positions.
type PositionMode string

// The position modes.
const (
	OneWay PositionMode = "one_way"
	Hedge  PositionMode = "hedge"
)

// SlotFor is the slot in which a direction is held.
func (m PositionMode) SlotFor(d Direction) Slot {
	if m != Hedge {
		return SlotBoth
	}
	if d == Short {
		return SlotShort
	}
	return SlotLong
}

// Action is what an alert asks for.
type Action string

// The actions. Buy and Sell of a webhook are read as ActLong and ActShort. Target means: reach the position that the
// strategy has. None is an alert that only notifies.
const (
	ActLong       Action = "LONG"
	ActShort      Action = "SHORT"
	ActCloseLong  Action = "CLOSE_LONG"
	ActCloseShort Action = "CLOSE_SHORT"
	ActClose      Action = "CLOSE"
	ActFlat       Action = "FLAT"
	ActTarget     Action = "TARGET"
	ActNone       Action = "NONE"
)

// Closes tells whether the action can only reduce.
func (a Action) Closes() bool {
	return a == ActCloseLong || a == ActCloseShort || a == ActClose || a == ActFlat
}

// OrderType is market or limit.
type OrderType string

// The order types. Stop and Target are orders that the exchange makes itself from an attached protection; Liquidation
// is one that nobody asked for.
const (
	Market      OrderType = "market"
	Limit       OrderType = "limit"
	StopOrder   OrderType = "stop"
	TargetOrder OrderType = "take_profit"
	Liquidation OrderType = "liquidation"
)

// MarginMode is how collateral is shared.
type MarginMode string

// The margin modes.
const (
	Cross    MarginMode = "cross"
	Isolated MarginMode = "isolated"
)

// Source is the door a signal came by.
type Source string

// The doors.
const (
	FromWebhook  Source = "webhook"
	FromWindow   Source = "window"
	FromCLI      Source = "cli"
	FromTelegram Source = "telegram"
	FromEmail    Source = "email"
	FromAgent    Source = "agent"
)
