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
	// AccountID is exchange and mode ("bybit:paper"), with a name when it is not the first account of both
	// ("bybit:live:swing"): ledgers, limits and keys of different accounts never mix.
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

// MakeAccountID joins exchange and mode: the first account of both.
func MakeAccountID(e Exchange, m Mode) AccountID { return AccountID(string(e) + ":" + string(m)) }

// NamedAccountID joins exchange, mode and name; "" is the first account.
func NamedAccountID(e Exchange, m Mode, name string) AccountID {
	if name == "" {
		return MakeAccountID(e, m)
	}
	return AccountID(string(MakeAccountID(e, m)) + ":" + name)
}

// Exchange is the exchange of an account.
func (a AccountID) Exchange() Exchange { return Exchange(a.part(0)) }

// Mode is the mode of an account.
func (a AccountID) Mode() Mode { return Mode(a.part(1)) }

// Name tells an account from the first one of its exchange and mode, whose name is "".
func (a AccountID) Name() string { return a.part(2) }

func (a AccountID) part(n int) string {
	parts := strings.SplitN(string(a), ":", 3)
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}
