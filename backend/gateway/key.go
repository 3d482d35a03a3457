package gateway

import (
	"crypto/subtle"
	"time"

	"hoox/backend/trading"
)

// Key is one text that opens the door, and for what.
type Key struct {
	// Credential is the name under which its signals are kept; two texts of one key have the same.
	Credential string
	Digest     trading.KeyDigest
	// EndsAt is when the text stops to open, zero for never.
	EndsAt time.Time
	// RateLimit takes the place of that of the rules, 0 for none of its own.
	RateLimit int
	Bounds    trading.Bounds
}

// Keys are the texts that open the door, as digests: never the texts. The zero Keys know nobody.
type Keys struct{ known []Key }

// NewKeys keeps keys; one without a digest is nobody's and is left out.
func NewKeys(keys ...Key) Keys {
	var out Keys
	for _, k := range keys {
		if k.Digest != (trading.KeyDigest{}) {
			out.known = append(out.known, k)
		}
	}
	return out
}

// Check tells whose key a text is, false for one that opens nothing at this moment.
func (k Keys) Check(candidate string, at time.Time) (Key, bool) {
	n := k.place(candidate)
	if n < 0 || candidate == "" {
		return Key{}, false
	}
	key := k.known[n]
	return key, trading.KeyText{EndsAt: key.EndsAt}.Opens(at)
}

// knows tells whether a text is a key, also one that has ended: it is a secret still.
func (k Keys) knows(candidate string) bool { return k.place(candidate) >= 0 }

// place finds a key, -1 for none. Every key is compared whichever fits, in constant time on digests of one length, so that
// how long it takes tells nothing about any of them.
func (k Keys) place(candidate string) int {
	sum, found := trading.DigestKey(candidate), -1
	for i := range k.known {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], k.known[i].Digest[:]), i, found)
	}
	return found
}
