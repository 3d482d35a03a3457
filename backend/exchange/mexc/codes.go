package mexc

import (
	"strings"

	"hoox/backend/trading"
)

// class is what a code proves about a request that may change something.
type class int

const (
	// unclear: it may have happened. The default.
	unclear class = iota
	// done: it happened.
	done
	// already: what was asked for is so already, or the order has ended or is not there.
	already
	// busy: not processed, may be asked again.
	busy
	// clock: not processed, because of the timestamp.
	clock
	// repeated: the client order id was seen before; the first order counts.
	repeated
	// refused: a certain no.
	refused
	// barred: a certain no that concerns the key or the account, not the order.
	barred
	// missing: no such order, for a read.
	missing
	// unlisted: a certain no, because there is no such symbol.
	unlisted
)

// futuresCodes is every futures code that proves something. It follows the error list of contract v1 (April and September
// 2026); a code that is not here is unclear, so a new one can never become a repetition. Left out on purpose although
// documented, because their wording leaves open whether the order lives: 500, 501, 9999 (server) and 3016 (timed out).
var futuresCodes = map[int]class{
	0: done,
	// A cancel of an order that is not there or has ended; both are looked up.
	2040: already, 2041: already,
	// Too many requests, of the user and of trading.
	510: busy, 2037: busy,
	// Seen before: the client order id, the request.
	2042: repeated, 603: repeated,
	// Balance.
	2005: refused, 2018: refused,
	// Parameters, precision, size, price band, order type, client order id.
	600: refused, 2007: refused, 2011: refused, 2015: refused, 2028: refused, 2003: refused, 2004: refused, 2070: refused,
	2029: refused, 2030: refused,
	// Leverage, risk and count limits.
	2006: refused, 2019: refused, 2021: refused, 2025: refused, 2031: refused, 2038: refused, 2013: refused, 2014: refused,
	2016: refused, 2034: refused, 2036: refused,
	// Position mode.
	2022: refused, 6001: refused, 6002: refused, 6003: refused, 6004: refused, 6005: refused,
	// Nothing or not enough to close.
	2008: refused, 2009: refused, 2043: refused,
	// Trigger.
	3001: refused, 3002: refused, 3003: refused, 3004: refused, 5001: refused, 5002: refused, 5003: refused, 5004: refused,
	// Contract: none, closed, close-only, moved.
	1001: unlisted, 1002: refused, 8950: refused, 8817: refused,
	// Maintenance.
	604: refused, 801: refused,
	// Key, signature, address, permission, verification.
	401: barred, 402: barred, 403: barred, 406: barred, 506: barred, 511: barred, 601: barred, 602: barred, 701: barred,
	702: barred, 703: barred, 704: barred, 200005: barred, 200006: barred, 300000: barred, 300001: barred,
}

// spotCodes is every spot code that proves something. It follows the error list of spot v3 (2026). Left out on purpose: 500,
// 503 and 504 in a body.
var spotCodes = map[int]class{
	0: done,
	// Timestamp outside of the window.
	700003: clock, 10073: clock,
	// Not found: a read, and a cancel in two spellings.
	-2013: missing, -2011: missing, 30026: missing,
	// Operation, risk control, maintenance.
	26: refused, 10098: refused, 604: refused, 801: refused, 11444: refused,
	// Balance.
	10101: refused, 30004: refused, 30005: refused, 88015: refused,
	// Precision and size.
	30002: refused, 30003: refused, 30029: refused, 30010: refused, 30032: refused, 88013: refused, 10095: refused,
	10096: refused, 10097: refused, 10102: refused, 700004: refused, 700008: refused, 33333: refused, 44444: refused, 730002: refused,
	// Symbol or market.
	-1121: unlisted, 30014: refused, 30016: refused, 30018: refused, 30019: refused, 30021: refused, 30041: refused, 10007: unlisted,
	60005: refused, 730001: refused,
	// Key, signature, window, address, permission.
	700001: barred, 700002: barred, 700005: barred, 700006: barred, 700007: barred, 700011: barred, 10072: barred, 30020: barred, 70011: barred,
}

// words say what a person can do about a code whose own text does not.
var words = map[int]string{
	2019:   "open orders of this contract keep the leverage from being changed: cancel them first",
	8950:   "this contract can only be closed",
	402:    "the API key has expired: a key that is not bound to an address ends after 90 days",
	406:    "the API key is bound to other addresses than this computer's",
	602:    "the signature is wrong: check the API secret",
	701:    "the API key lacks a permission: it needs futures account, orders and order placing",
	702:    "the API key lacks a permission: it needs futures account, orders and order placing",
	703:    "the API key lacks a permission: it needs futures account, orders and order placing",
	704:    "the API key lacks a permission: it needs futures account, orders and order placing",
	10072:  "the API key is not known: it may have ended after 90 days without a bound address",
	700002: "the signature is wrong: check the API secret",
	700006: "the API key is bound to other addresses than this computer's",
	700007: "the API key lacks a permission: it needs spot account and spot trading",
}

// wrongMode is the error code of a row whose position mode did not fit the account's.
const wrongMode = 9

// reasons say what the error code on a futures order row means.
var reasons = map[int]string{
	1: "a parameter was wrong", 2: "the balance is too small", 3: "there is no such position", 4: "the position is too small",
	5: "the price is beyond the liquidation price", 6: "the price is beyond the liquidation price", 7: "the risk limit is exceeded",
	8: "the price is beyond the band", wrongMode: "the position mode does not fit", 10: "the order could only reduce, and nothing was left",
}

// futuresClass is the class of a futures answer. 513 concerns the clock only when it says so; a timeout is none.
func futuresClass(e envelope) class {
	if said := strings.ToLower(e.words()); e.number == 513 && strings.Contains(said, "time") && !strings.Contains(said, "timeout") &&
		!strings.Contains(said, "time out") && !strings.Contains(said, "timed out") {
		return clock
	}
	return futuresCodes[e.number]
}

func spotClass(e envelope) class { return spotCodes[e.number] }

// kindOf is the kind of error of a class, for a request that may change something.
func kindOf(c class) trading.Kind {
	switch c {
	case busy, clock:
		return trading.Limited
	case refused, barred, unlisted:
		return trading.Rejected
	case already, done, repeated, missing, unclear:
		return trading.Unknown
	}
	return trading.Unknown
}

// readKind is the kind of error of a class, for a read.
func readKind(c class) trading.Kind {
	switch c {
	case busy:
		return trading.Limited
	case barred:
		return trading.Unauthorized
	case missing:
		return trading.NotFound
	case unlisted:
		return trading.Invalid
	case done, already, clock, repeated, refused, unclear:
		return trading.Unavailable
	}
	return trading.Unavailable
}

// failure words a code.
func failure(kind trading.Kind, what string, e envelope) error {
	said := e.words()
	if more, ok := words[e.number]; ok {
		said += "; " + more
	}
	return trading.Errorf(kind, "mexc: %s: %s (code %d)", what, said, e.number)
}
