// Package mexc trades futures (contract v1) and spot (v3) at MEXC as one account: two addresses, two clocks, two private
// streams, one Exchange that routes by product. There is no testnet at MEXC, so there is only the live mode; addresses of
// one's own may be given in their place.
//
// It owns what is MEXC's: hosts, paths, signatures, field names, the tables of codes, contracts and their size, protobuf
// frames, and what an answer proves. It leaves connections, clocks and budgets to package wire, the putting together of
// rows and fills to tape, decisions to execution, and what is known about an order to the ledger; it keeps no file.
//
// # What is proven, and by what
//
// A code means something only if it is in the tables in codes.go; any other, any 5xx, anything that is no answer is
// unknown. No document says that a client order id cannot be used twice, so an id is something to look up, never a guard:
// nothing is sent twice here. A futures success without an order id is unknown. A spot answer carries no status, so what
// became of an order is always asked.
//
// Futures answer a look-up that finds nothing with success and no data; spot says -2013. Either means nothing by itself:
// absence is proven only when the settle time, which is never shorter than a request may live and take to show, has passed
// since the order was armed, three rounds brought clean empty
// answers from the look-up, the open orders, the history and the executions, the clock is known to be right, and the same
// questions still show our newest older order, if this process knows one.
//
// Futures keep a request for ten seconds after its time, which cannot be shortened in a way that MEXC documents alike
// everywhere; spot requests carry a window that ends with the order.
//
// # Quantities
//
// Everything above speaks of base units. Futures are traded in contracts: a quantity that is no whole number of them is
// rejected, never rounded. A spot market buy can only be sized in quote at MEXC, which would change the order: it is sent
// as a limit order that fills at once or not, for the exact quantity, at most one percent above the best offer.
//
// # What is set, and what is only checked
//
// Leverage is set before an entry and read back; the margin mode travels with each order. The position mode is the whole
// account's: it is read, sent with every order, and changed only by SetPositionMode, when a person asks. A new account is
// in hedge mode. An order that rests is not changed: MEXC gives a changed order a new id without our own on it.
//
// A key may be for one product alone: once MEXC refused it for one and took it for the other, the one is left out.
//
// # Protections
//
// The stop-loss and one target for all of it travel with a futures entry; several targets and a trailing stop are set by
// Protect on the position that exists. They trigger by the fair price and can only reduce. MEXC keeps no mark of ours on
// them: ours are those that belong to an order of ours, and those that this process set or found to be exactly as asked;
// all others are left alone. A trailing stop belongs to no position at MEXC; one that outlived its position is shown.
// Spot keeps no protection at all: an order that asks for one is rejected in words.
//
// # What only a real account can show
//
// The trailing stop's endpoint (trackorder), which is known from other programs and not from MEXC's pages; the unit of
// Recv-Window, which is therefore not sent; whether a used external id is refused or answered with the first order; the
// shape of a cancel by id; whether the trade id of the spot stream is that of the list of trades.
package mexc
