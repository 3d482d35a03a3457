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
// answers from the open orders, the history and the executions, the same lists still show the newest order of ours that
// they have shown before, the position is what the executions make of it, and the clock is known to be right.
//
// # What is set, and what is only checked
//
// Leverage is set before an entry and read back. The margin mode holds for the whole account, and the position mode for
// whatever is open: an order never changes them, and one that does not fit is rejected in words. SetMarginMode and
// SetPositionMode do, when a person asks. What was read back is trusted for a minute, or until the stream says otherwise.
//
// # Protections
//
// Of a perpetual the stop-loss, and a target for all of it, travel with the entry; several targets and a trailing stop
// come through Protect once there is a position. They belong to the position: Bybit keeps them at its size and drops them
// with it. Whose they are is known from the entry that was seen or named last.
//
// Of a coin Bybit keeps nothing with a market order and no trailing stop at all. Protect places conditional market sales
// with ids made from the id of the entry, which lock nothing until they trigger. Bybit does not know that they belong
// together, so when one has sold, the others are cut to what is left: at once while Serve runs, else when Protect is
// called next. A market that runs through a target and the stop within that moment can trigger both.
//
// # What only a real account can show
//
// Whether a reduce-only order that rests is cancelled as soon as nothing is left, or only when the market reaches it; the
// codes for an unchanged margin mode (110026), a spot trigger on the wrong side (170202) and too many spot orders; how soon
// executions follow an order row in a fast market; whether the position mode can be read on a symbol never traded.
package bybit
