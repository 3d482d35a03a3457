// Package binance trades spot and USDⓈ-M perpetuals of Binance as one account: two origins, two clocks and two private
// streams behind one Exchange that routes by product.
//
// It owns what is Binance's: hosts, paths, signatures, field names, the table of error codes, and what an answer proves.
// It leaves connections, clocks and budgets to package wire, putting rows and fills together to package tape, decisions to
// execution, and what is known about an order to the ledger; it keeps no file.
//
// # What is proven, and by what
//
// A client order id is a way to ask here and nothing more: Binance refuses it only while an order with it is open, and
// fills a second market order with the id of a filled one. So nothing is ever sent twice: an id that this process has sent
// is not sent again, and one that may have been sent before this process began is asked for first. Spot answers an order
// with its fills; futures answer without a price, and the executions are read afterwards.
// An error code means something only if it is in the tables in codes.go; -1013 and -2010 only with a text that is there
// too. Any other code, any 5xx, 408, anything that is no answer is unknown.
//
// Absence is proven only when the settle time has passed since the order was armed, three look-ups brought clean empty
// answers from the order by id and the history, every execution since then belongs to an order that is known, the newest
// older order of ours still comes back from the same place, and the clock is known to be right.
//
// Binance tells past orders and executions of one symbol at a time. A catch-up asks about every symbol that has a position,
// an open order, income or coins, and about each that anybody has asked for here: a symbol of interest is noted by its
// first Submit, Lookup or Protect and caught up on at once.
//
// # What is set, and what is only checked
//
// Leverage and margin mode belong to a symbol. They are set before an entry that asks for them and read back. The
// position mode is the account's: an order never changes it, SetPositionMode does, when a person asks.
//
// # Protections
//
// No order carries one; Protect places them once there is something to protect, under the client order id of the entry
// with three characters behind it. On futures they live in the book of conditional orders (the algo endpoints): a stop and
// one target close the position and expire with it, several targets and a trailing stop (in tenths of a percent of the
// entry price, 0.1 to 20) have a quantity. On spot a stop and a target are one list of two orders of which one cancels the
// other, a stop alone is a STOP_LOSS, and both lock the coins: a reduce-only sale withdraws them first when the coins are
// not free. A trailing stop is not kept on spot.
//
// # Money
//
// Spot and futures have wallets of their own. Balance is the sum of both. A key that is refused by one of the two and has
// never been accepted there counts as a key of the other alone.
//
// # What only a real account can show
//
// Whether one key opens both products of the demo hosts that the testnet mode uses; what becomes of a clientAlgoId that is
// used again; how long the executions of an order filled weeks ago can still be asked for by its id; how long the list of
// conditional orders lags behind what was placed.
package binance
