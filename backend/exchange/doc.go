// Package exchange is the wing of the adapters: one room for each exchange, with the same five verbs.
//
//	Submit     one order, one try; the kind of the error says what is proven
//	           (Rejected: a certain no. Unavailable: never left. Limited: not processed. Unknown: anything else)
//	Lookup     what became of an order, by client order id; "absent" is a proof, an error is no answer
//	Cancel     repeatable; a finished order answers with its final state
//	Positions  the exchange's own view
//	Balance    the money without open profit
//
// and Serve, which runs the account and hands news to a sink. The rooms know each other as little as the exchanges do:
// what they share is the vocabulary (trading) and the contract suite in exchangetest. Paper passes all of it; bybit, which
// lacks a trailing stop and several targets, has tests of its own against exchangesim until the suite can leave out what an
// exchange does not have.
//
// What a real exchange does with a client order id it has seen: Bybit refuses it for ever; Binance only while the first
// order is open, and fills a second market order with it; MEXC futures answer with the first order or refuse; MEXC spot
// says nothing. So a client order id is a way to ask, not a way to send twice, and no adapter resends.
package exchange
