package exchangesim

import (
	"strconv"
	"time"

	"hoox/backend/trading"
)

// IDRule is what an exchange does with a client order id that it has seen before.
type IDRule string

// The rules. UniqueForever refuses any second use, UniqueWhileOpen only while an order with it is open, ReturnsFirst
// answers with the first order and places nothing, Free places again.
const (
	UniqueForever   IDRule = "unique_forever"
	UniqueWhileOpen IDRule = "unique_while_open"
	ReturnsFirst    IDRule = "returns_first"
	Free            IDRule = "free"
)

// Config is what one account at one exchange is made of.
type Config struct {
	Key, Secret string
	// Log is the path of the append-only log; an account that is opened on an old one goes on from there.
	Log string
	Now func() time.Time
	// Instruments are in base units; façades convert contracts.
	Instruments []trading.Instrument
	// Deposit is what the account starts with by asset.
	Deposit map[string]trading.Money
	IDs     IDRule
	// OwnSpotFee takes the fee of a spot buyer in the base asset, else every spot fee is in quote.
	OwnSpotFee bool
	// NewID spells the n-th id of a kind ("order", "algo", "fill", "funding"); orders and algos count together. Nil
	// spells decimal numbers.
	NewID func(kind string, n int) string
	// CancelPostOnly accepts a post-only order that would take and cancels it at once; else it is refused.
	CancelPostOnly bool
	// Band refuses limit prices further than this part of the mark away from it; zero for no band.
	Band trading.Ratio
	// MaxOpen and MaxConditional bound the open orders of one symbol; zero for no bound.
	MaxOpen, MaxConditional int
}

func (c Config) newID(kind string, n int) string {
	if c.NewID == nil {
		return strconv.Itoa(n)
	}
	return c.NewID(kind, n)
}
