package chart

import (
	"image/color"
	"time"

	"hoox/backend/trading"
)

const (
	// MaxCandles and MaxLevels bound what has room in one picture.
	MaxCandles = 500
	MaxLevels  = 10
	// maxText is the longest price that its place has room for.
	maxText = 18
)

// Kind is what a level means.
type Kind string

// The kinds of level. A card has one of the first two: the price at which the order filled.
const (
	Entry  Kind = "entry"
	Exit   Kind = "exit"
	Stop   Kind = "stop"
	Target Kind = "target"
)

// Level is a price that gets a line of its own, with its word and number at the right edge.
type Level struct {
	Kind  Kind
	Price trading.Price
}

// Card is one order that filled.
type Card struct {
	Symbol  string
	Account trading.AccountID
	Side    trading.Side
	// At is when it filled; it lies within the candles, if there are any.
	At     time.Time
	Levels []Level
	// Candles are those around the fill, oldest first, each as long as Interval. None is allowed: only the levels are drawn then.
	Candles  []trading.Candle
	Interval time.Duration
	// Zone is where the reader's clock is.
	Zone *time.Location
}

// filled is the level of the fill itself.
func (c Card) filled() Level {
	for _, l := range c.Levels {
		if l.Kind == Entry || l.Kind == Exit {
			return l
		}
	}
	return Level{}
}

// check tells why a card cannot be drawn.
func (c Card) check() error {
	switch {
	case c.Symbol == "":
		return trading.FieldError("symbol", "a picture needs the symbol in its title")
	case ofMode[c.Account.Mode()] == [2]color.RGBA{}:
		return trading.FieldError("account", "%q has no mode, and a picture must not leave open whose money it is", c.Account)
	case c.Side != trading.Buy && c.Side != trading.Sell:
		return trading.FieldError("side", "%q is neither %s nor %s", c.Side, trading.Buy, trading.Sell)
	case c.At.IsZero():
		return trading.FieldError("at", "a picture needs the moment of the fill")
	case c.Zone == nil:
		return trading.FieldError("zone", "a picture needs the zone of its times")
	}
	if err := c.checkLevels(); err != nil {
		return err
	}
	return c.checkCandles()
}

func (c Card) checkLevels() error {
	if len(c.Levels) > MaxLevels {
		return trading.FieldError("levels", "%d levels, at most %d have room", len(c.Levels), MaxLevels)
	}
	fills := 0
	for _, l := range c.Levels {
		switch l.Kind {
		case Entry, Exit:
			fills++
		case Stop, Target:
		default:
			return trading.FieldError("levels", "%q is no kind of level", l.Kind)
		}
		if text := l.Price.String(); !l.Price.IsPositive() || len(text) > maxText {
			return trading.FieldError("levels", "%s at %s: want a price above zero with at most %d digits", l.Kind, text, maxText)
		}
	}
	if fills != 1 {
		return trading.FieldError("levels", "%d prices at which it filled, want one", fills)
	}
	return nil
}

func (c Card) checkCandles() error {
	n := len(c.Candles)
	switch {
	case n == 0:
		return nil
	case n > MaxCandles:
		return trading.FieldError("candles", "%d candles, at most %d have room", n, MaxCandles)
	case c.Interval < time.Second:
		return trading.FieldError("interval", "%s is below the smallest of 1s", c.Interval)
	case c.At.Before(c.Candles[0].Start.Add(-c.Interval)) || c.At.After(c.Candles[n-1].Start.Add(2*c.Interval)):
		return trading.FieldError("candles", "the candles are not those around %s", c.At.UTC().Format(time.RFC3339))
	}
	for i, k := range c.Candles {
		if !k.Low.IsPositive() || k.Low.More(k.Open.Min(k.Close)) || k.High.Less(k.Open.Max(k.Close)) {
			return trading.FieldError("candles", "the candle of %s is none: open %s, high %s, low %s, close %s", k.Start.UTC().Format(time.RFC3339), k.Open, k.High, k.Low, k.Close)
		}
		if i > 0 && k.Start.Before(c.Candles[i-1].Start.Add(c.Interval)) {
			return trading.FieldError("candles", "the candle of %s begins before the one before it has ended", k.Start.UTC().Format(time.RFC3339))
		}
	}
	if c.Candles[n-1].Start.Sub(c.Candles[0].Start) > MaxCandles*c.Interval {
		return trading.FieldError("candles", "the candles span more than %d of %s", MaxCandles, c.Interval)
	}
	return nil
}
