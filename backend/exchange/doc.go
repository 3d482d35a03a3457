// Package exchange is the wing of the adapters: one room for each exchange, with the same verbs.
//
//	Submit     one order, one try; the kind of the error says what is proven
//	           (Rejected: a certain no. Unavailable: never left. Limited: not processed. Unknown: anything else)
//	Lookup     what became of an order, by client order id; "absent" is a proof, an error is no answer
//	Cancel     repeatable; a finished order answers with its final state
//	Protect    what stands at the exchange for a position becomes exactly what is wanted, and is read back
//	Positions  the exchange's own view, coins included
//	Open       everything that rests or waits there, ours or not
//	Balance    the money without open profit
//
// and Serve, which runs the account and hands news to a sink. The rooms know each other as little as the exchanges do: what
// they share is the vocabulary (trading), the connections and clocks (wire), the putting together of news (tape), what an
// account is made of and how it asks (this package, below them), and the contract suite in exchangetest, which all seven
// products pass: paper, and linear and spot of Bybit, Binance and MEXC. What a product lacks is left out of its suite by
// name, with the reason (see each room's world_test.go).
//
// # Own adapters, no library
//
// Each library that could be had loses what this program exists for: the outcome of a submit as it was, status, code and
// text together. Of the Go clients for the three exchanges as of November 2026, go-binance drops the HTTP status and the
// text that tells Binance's three kinds of 503 apart, and keeps its streams in package globals, so that two accounts
// collide; Binance's own connector has prices as float32; Bybit's own has untyped maps and does not make an error of a
// return code; another spells reduceOnly so that Bybit does not read it, and a close opens a position; the one library
// for all three counts in float64; MEXC has none that knows today's order path. The surface that is needed is small, about
// twenty calls a product, so each room is written here, on one shared client that tries once and never repeats.
//
// # What a client order id is worth
//
// Bybit refuses an id that it has seen, for ever; Binance only while the first order is open, and fills a second market order
// with it; MEXC futures answer with the first order or refuse; MEXC spot says nothing. So a client order id is a way to ask,
// not a way to send twice, and no adapter sends an order again.
//
// # The proof
//
// A thousand alerts for each exchange, with a quarter of all submits going wrong: the request lost, the answer lost, 500
// and 503 after the order was accepted, 502 before it was seen, an empty answer, a new order answered as one seen before,
// an order that shows up to two seconds late, fills in slices or in part, streams cut. The judge is the exchange's own
// log: no client order id twice, every order filled there as the ledger has it, positions equal, nothing believed absent
// that is there. Seed 12, 22 November 2026, two cores:
//
//	          submits   faults   doubled   ledger differs
//	Bybit       1,021      744         0                0
//	Binance     1,025      764         0                0
//	MEXC        1,100      817         0                0
//
//	go test ./backend/node -run ThousandSubmits -v -timeout 60m -args -submits 1000 -stormseed 12   (Binance: -submits 1030)
//
// An order is believed absent there after 4 s, at MEXC after 30 s; the program that trades waits a minute.
//
// exchangesim plays the three exchanges over real HTTP and WebSocket, each with its own reading of signatures, filters and
// rules, and writes every order to a log that outlives whoever talks to it; that log is the judge. `go run
// ./backend/exchange/exchangesim/serve` starts all of them for a person. They are part of no program that ships.
package exchange
