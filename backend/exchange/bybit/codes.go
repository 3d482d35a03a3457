package bybit

import "hoox/backend/trading"

// class is what a return code proves about a request that may change something.
type class int

const (
	// unclear: it may have happened. The default.
	unclear class = iota
	// done: it happened.
	done
	// already: what was asked for is so already, or the order has ended already.
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
)

// codes is every return code that proves something. It follows the error list of the API (version 5, July 2026); a code
// that is not here is unclear, so a new one can never become a repetition. Left out on purpose although documented,
// because their wording leaves open whether the order lives: 10000 and 10016 (server), 10019, 10403 and 20003 (trade
// stream), 110079, 170191 and 3400214 (still processing), 170001, 170007, 170032, 170035, 170146, 170147, 170234 (spot
// back end), 500000.
var codes = map[int]class{
	0: done,

	// Already so: leverage, position mode, margin mode (two codes), protection.
	110043: already, 110025: already, 110026: already, 110027: already, 34040: already,
	// Not modified is the same for a cancel: no such order, ended, canceled before, spot twins of these.
	110001: already, 170213: already, 110008: already, 110010: already, 170139: already, 170142: already,

	// Not processed: rate limit of the user, of the system, of spot (two).
	10006: busy, 10429: busy, 170005: busy, 170222: busy,
	// Timestamp outside of the window.
	10002: clock,

	// Seen before: linear, spot, any request.
	110072: repeated, 170141: repeated, 10014: repeated,

	// Balance: linear, then spot.
	110004: refused, 110006: refused, 110007: refused, 110012: refused, 110014: refused, 110044: refused, 110045: refused,
	110051: refused, 110052: refused, 110053: refused, 110131: refused, 170131: refused, 170033: refused, 170207: refused,

	// Precision, size and price band: any parameter, linear, then spot.
	10001: refused, 110017: refused, 110094: refused, 110003: refused, 110120: refused, 110121: refused, 170134: refused,
	170137: refused, 170148: refused, 170136: refused, 170140: refused, 170124: refused, 170381: refused, 170382: refused,
	170132: refused, 170133: refused, 170192: refused, 170193: refused, 170194: refused, 170371: refused, 170372: refused,

	// Leverage, risk and count limits.
	110013: refused, 110086: refused, 110090: refused, 110021: refused, 110089: refused, 110036: refused, 110038: refused,
	110009: refused, 110020: refused, 110061: refused, 3400045: refused,

	// Position mode: a switch that something open blocks, hedge mode that there is not.
	110024: refused, 110028: refused, 110029: refused,

	// Reduce-only with nothing to reduce.
	110022: refused, 110023: refused, 110034: refused,

	// Trigger on the wrong side: linear, then spot.
	110092: refused, 110093: refused, 170202: refused, 170203: refused, 170204: refused,

	// Symbol or market closed: linear, then spot.
	110074: refused, 110063: refused, 110066: refused, 110103: refused, 170151: refused, 170157: refused, 170217: refused,
	170121: refused,

	// Key, signature, permission, address, expiry, region, compliance, account.
	10003: barred, 10004: barred, 10005: barred, 10007: barred, 10010: barred, 33004: barred, 10009: barred, 10024: barred,
	10029: barred, 110132: barred, 10027: barred, 10028: barred, 110088: barred, 110123: barred, 110125: barred, 110124: barred,
}

// words say what a person can do about a code whose own text does not.
var words = map[int]string{
	10003:  "the API key is not known on this host: a testnet key works on the testnet only",
	10004:  "the signature is wrong: check the API secret",
	10005:  "the API key lacks a permission: it needs orders and positions, and spot trading",
	10010:  "the API key is bound to other addresses than this computer's",
	33004:  "the API key has expired: make a new one at Bybit",
	10024:  "Bybit does not serve this account or region with this product",
	10028:  "the account must be a unified trading account",
	110125: "terms of this contract must be accepted at Bybit first",
}

// kindOf is the kind of error of a class, for a request that may change something.
func kindOf(c class) trading.Kind {
	switch c {
	case busy, clock:
		return trading.Limited
	case refused, barred:
		return trading.Rejected
	case already, done, repeated, unclear:
		return trading.Unknown
	}
	return trading.Unknown
}

// failure words a return code.
func failure(kind trading.Kind, what string, e envelope) error {
	text := e.Message
	if more, ok := words[*e.Code]; ok {
		text += "; " + more
	}
	return trading.Errorf(kind, "bybit: %s: %s (code %d)", what, text, *e.Code)
}
