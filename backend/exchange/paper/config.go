package paper

import (
	"context"
	"iter"
	"time"

	"hoox/backend/trading"
)

// instruments finds the filters, fees and margin tier of what is traded.
type instruments interface {
	Instrument(e trading.Exchange, key trading.InstrumentKey) (trading.Instrument, bool)
}

// source is the market that the account trades on. Depth yields what rests on the other side of a quote for a taker of a
// side, best price first, at most levels of it.
type source interface {
	Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool)
	Depth(q trading.Quote, side trading.Side, levels int) iter.Seq2[trading.Price, trading.Qty]
}

// book keeps the account. SaveBook does not wait and cannot fail: see "Durability" in the package comment.
type book interface {
	LoadBook(ctx context.Context, account trading.AccountID, prefix string) (map[string]string, error)
	BookValue(ctx context.Context, account trading.AccountID, key string) (value string, ok bool, err error)
	SaveBook(account trading.AccountID, put map[string]string, drop []string)
}

// Fault is a failure on request, to rehearse what a bad line does.
type Fault string

// The faults. A lost request never arrives; a lost answer is an order that lives; a busy exchange processes nothing.
const (
	NoFault     Fault = ""
	LoseRequest Fault = "lose_request"
	LoseAnswer  Fault = "lose_answer"
	Busy        Fault = "busy"
	Down        Fault = "down"
)

// Settings are read at every use, so that a change works at once. The zero value is an exchange without delay, slippage,
// funding or faults.
type Settings struct {
	// Latency is how long an order is on its way.
	Latency time.Duration
	// SlippageTicks worsen each price that a taker gets.
	SlippageTicks int
	// FundingRate is what longs pay shorts every 8 h, as a part of the position's worth; negative the other way.
	FundingRate trading.Ratio
	// Reject, when not "", are the words in which every entry is rejected.
	Reject string
	// RejectShare is the part of entries that is rejected: 0.1 is one in ten. Which ones depends on the order id alone, so
	// that a rehearsal can be repeated.
	RejectShare trading.Ratio
	Fault       Fault
}

// DefaultDeposit is what a new account starts with.
var DefaultDeposit = trading.MoneyUnits(10_000, 0)

// Config is what an account is made of. Settings, Mode, After and Deposit may be left out.
type Config struct {
	Account     trading.AccountID
	Instruments instruments
	Market      source
	Book        book
	Now         func() time.Time
	// After paces the watching; time.After when nil.
	After func(time.Duration) <-chan time.Time
	// Deposit is booked once, when the account is new; DefaultDeposit when zero.
	Deposit trading.Money
	// Asset is the currency of the account, "USDT" when "".
	Asset string
	// Mode is the position mode asked for; it takes effect when nothing is open. One-way when nil.
	Mode     func() trading.PositionMode
	Settings func() Settings
}

func (c Config) filled() Config {
	if c.After == nil {
		c.After = time.After
	}
	if c.Deposit.IsZero() {
		c.Deposit = DefaultDeposit
	}
	if c.Asset == "" {
		c.Asset = "USDT"
	}
	if c.Mode == nil {
		c.Mode = func() trading.PositionMode { return trading.OneWay }
	}
	if c.Settings == nil {
		c.Settings = func() Settings { return Settings{} }
	}
	return c
}
