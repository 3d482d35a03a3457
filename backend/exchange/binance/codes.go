package binance

import (
	"strings"

	"hoox/backend/trading"
)

// class is what an answer proves about a request that may change something.
type class int

const (
	// unclear: it may have happened. The default.
	unclear class = iota
	// done: it happened.
	done
	// already: what was asked for is so already.
	already
	// busy: not processed, may be asked again.
	busy
	// clock: not processed, because of the timestamp.
	clock
	// repeated: an order with this client order id is open; the first one counts.
	repeated
	// refused: a certain no.
	refused
	// barred: a certain no that concerns the key or the account, not the order.
	barred
	// absent: no such order, or no longer open.
	absent
)

// both is every code that proves something on spot and on futures alike. The tables follow the error lists of both APIs
// (October 2026); a code that is not here is unclear, so a new one can never become a repetition. Left out on purpose
// although documented, because the order may live: -1000, -1001, -1006, -1007 and every 5xx. -1008 and the 503 text
// "Service Unavailable." are documented as failed on futures, while the rules for one submit call them unknown; the safer
// of the two holds.
var both = map[int]class{
	// Not processed: weight or address, order rate.
	-1003: busy, -1015: busy,
	// Timestamp outside of the window.
	-1021: clock,

	// Key, signature, permission.
	-1002: barred, -1022: barred, -2014: barred, -2015: barred,
	// The service is gone; there is no such path.
	-1016: barred, -5000: refused,

	// Parameters: how the request is written. None of these reaches the matching engine.
	-1100: refused, -1101: refused, -1102: refused, -1103: refused, -1104: refused, -1105: refused, -1106: refused, -1108: refused,
	-1111: refused, -1112: refused, -1114: refused, -1115: refused, -1116: refused, -1117: refused, -1118: refused, -1119: refused,
	-1120: refused, -1121: refused, -1128: refused, -1130: refused,

	// No such order; sent to be canceled but not open.
	-2013: absent, -2011: absent,
}

// spotOnly is what only spot says.
var spotOnly = map[int]class{
	-1131: refused, -1134: refused, -1135: refused, -1145: refused, -1151: refused, -2028: barred, -1193: barred,
}

// futuresOnly is what only futures say.
var futuresOnly = map[int]class{
	// Already so: margin mode, position mode, order as asked.
	-4046: already, -4059: already, -5027: already,
	// Timestamp outside of the window of the matching engine.
	-5028: clock,
	// An order with this id is open.
	-4116: repeated,

	// Balance and margin.
	-2018: refused, -2019: refused, -2024: refused, -4050: refused, -4051: refused,
	// Client order id that is none.
	-4015: refused,
	// No such listen key.
	-1125: absent,
	// Quantity, price, notional and price band.
	-4001: refused, -4002: refused, -4003: refused, -4004: refused, -4005: refused, -4006: refused, -4013: refused, -4014: refused, -4016: refused,
	-4023: refused, -4024: refused, -4164: refused, -4131: refused, -5021: refused, -5022: refused,
	// Leverage, risk and count limits.
	-2025: refused, -2027: refused, -2028: refused, -4028: refused, -4045: refused, -4161: refused, -4202: refused, -4203: refused,
	-4205: refused,
	// Position mode and margin mode: not that of the account, or a switch that something open blocks.
	-4060: refused, -4061: refused, -4062: refused, -4067: refused, -4068: refused, -4047: refused, -4048: refused, -4168: refused,
	// Reduce-only and close-position.
	-2022: refused, -4112: refused, -4118: refused, -4130: refused, -4136: refused, -4137: refused, -4138: refused, -4509: refused,
	// Trigger and route.
	-2021: refused, -4142: refused, -4117: refused, -4120: refused, -2007: refused,
	// Symbol or market closed.
	-4140: refused, -4141: refused,
	// Account: cooling-off, restricted, in liquidation.
	-4192: barred, -4400: barred, -4401: barred, -4403: barred, -2023: barred,
}

// texts are the beginnings of what -1013 and -2010 say when they are a certain no; with any other text they prove nothing.
var texts = map[int][]string{
	-1013: {
		"Filter failure:", "Invalid quantity", "Invalid price", "Invalid stopPrice", "Market is closed", "Stop price would trigger",
		"Quantity", "Price",
	},
	-2010: {
		"Account has insufficient balance", "Order would immediately match", "Order would trigger immediately", "Market is closed",
		"This symbol is not permitted", "This action is disabled", "Unsupported order combination", "Price * QTY is zero or less",
		"Rest API trading is not enabled", "The relationship of the prices", "OCO orders are not supported",
		"Quote order qty market orders are not support", "Stop loss orders are not supported", "Filter failure:", "This account may not place",
		"Invalid", "Unsupported", "Unknown order sent",
	},
}

// duplicate is what spot says about an id of which an order is open.
const duplicate = "Duplicate order sent"

// classOf is the class of an error of a product.
func classOf(p trading.Product, code int, text string) class {
	if code == -2010 && strings.HasPrefix(text, duplicate) {
		return repeated
	}
	for _, known := range texts[code] {
		if strings.HasPrefix(text, known) {
			return refused
		}
	}
	if c, ok := both[code]; ok {
		return c
	}
	if p == trading.Spot {
		return spotOnly[code]
	}
	return futuresOnly[code]
}

// words say what a person can do about a code whose own text does not.
var words = map[int]string{
	-1022: "the signature is wrong: check the API secret",
	-2014: "the API key is none of this host: a demo key works on the testnet only",
	-2015: "the API key is not known here, lacks a permission (futures, spot trading) or is bound to other addresses than this computer's",
	-2022: "there is nothing to reduce, or it is reduced by other orders already",
	-4047: "close the open orders of the symbol first",
	-4048: "close the position of the symbol first",
	-4061: "the position mode of the account is another: read the account again",
	-4067: "cancel all open orders first",
	-4068: "close all positions first",
	-4168: "the account is in multi-assets mode, which is cross only",
	-4130: "a stop or target for the whole position that somebody else placed stands there: cancel it at Binance first",
	-4403: "Binance does not let this account trade here",
}

// kindOf is the kind of error of a class, for a request that may change something.
func kindOf(c class) trading.Kind {
	switch c {
	case busy, clock:
		return trading.Limited
	case refused, barred:
		return trading.Rejected
	case absent:
		return trading.NotFound
	case already, done, repeated, unclear:
		return trading.Unknown
	}
	return trading.Unknown
}
