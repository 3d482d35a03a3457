package trading

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

type (
	// SignalID is the request id: a version 7 UUID, so ids sort by time.
	SignalID string
	// OrderID is our client order id: the same for every attempt of one leg, fixed before the first byte leaves.
	OrderID string
	// FillID is the exchange's execution id, unique within its account.
	FillID string
	// AccountID is exchange and mode ("bybit:paper"): ledgers, limits and keys of different modes never mix.
	AccountID string
	// JobID names a row of durable work.
	JobID string
)

// NewSignalID makes a request id.
func NewSignalID() SignalID { return SignalID(uuid.Must(uuid.NewV7()).String()) }

// NewJobID makes a job id.
func NewJobID() JobID { return JobID(uuid.Must(uuid.NewV7()).String()) }

// OrderPrefix starts every client order id of ours.
const OrderPrefix = "hx1"

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewOrderID derives the client order id of one leg. It depends on nothing but its arguments: a second attempt of the
// same leg has the same id, and a redelivered alert after a lost database finds its first order. 29 characters of
// [a-z0-9], which every exchange we know accepts (Bybit 36, Binance 36, MEXC 32).
func NewOrderID(installKey []byte, seed string, leg int, account AccountID) OrderID {
	mac := hmac.New(sha256.New, installKey)
	mac.Write([]byte("o1|" + seed + "|" + strconv.Itoa(leg) + "|" + string(account)))
	return OrderID(OrderPrefix + lowerBase32.EncodeToString(mac.Sum(nil))[:26])
}

// MakeAccountID joins exchange and mode.
func MakeAccountID(e Exchange, m Mode) AccountID { return AccountID(string(e) + ":" + string(m)) }

// Exchange is the exchange of an account.
func (a AccountID) Exchange() Exchange {
	name, _, _ := strings.Cut(string(a), ":")
	return Exchange(name)
}

// Mode is the mode of an account.
func (a AccountID) Mode() Mode {
	_, mode, _ := strings.Cut(string(a), ":")
	return Mode(mode)
}
