// Package bybit trades linear perpetuals and spot on a unified account of Bybit, API version 5, on the testnet or live.
//
// It owns what is Bybit's: hosts, paths, signatures, field names, the table of return codes, and what an answer proves.
// It leaves connections, clocks and budgets to package wire, decisions to execution, and what is known about an order to
// the ledger; it keeps no file.
//
// # What is proven, and by what
//
// An acknowledged order is only received: Bybit decides afterwards. So Submit asks what became of it and answers with
// fills, or with "accepted" when that is all there is to say yet; the private stream and the catch-up tell the rest.
// A return code means something only if it is in the table in codes.go; any other, any 5xx, anything that is no answer
// is unknown. A client order id is accepted once for ever, so a second submit of an id makes no second order; all the
// same nothing is sent twice here.
//
// Absence is proven only when the settle time has passed since the order was armed, three look-ups brought clean empty
// answers from the open orders, the history and the executions, and the clock is known to be right.
//
// # What is set, and what is only checked
//
// Leverage is set before an entry and read back. The margin mode holds for the whole account, and the position mode for
// whatever is open: an order never changes them. SetMarginMode and SetPositionMode do, when a person asks.
//
// # Protections
//
// A stop-loss and one target for all of it travel with the entry and belong to the whole position. Bybit keeps several
// targets and a trailing stop only on a position that exists, and a spot market order carries none: an order that asks
// for one of these is rejected in words before anything is sent.
package bybit
