// Package admission is the one desk every signal passes, whichever door it came by.
//
// It resolves the words of an alert to one account and instrument, sizes it, plans its legs against the book, asks the
// gate, and has the whole answer written down in one transaction. It decides nothing itself: risk decides, the store
// remembers, and execution alone talks to an exchange.
//
// # How an alert becomes legs
//
//	LONG, SHORT      an entry; against an opposite position first a reduce-only leg, then an entry with the rest
//	CLOSE…, FLAT     reduce-only legs for what is open; nothing open is a no-op, not an error
//	target position  the difference between the strategy's position and ours, reduce-only leg first
//
// Either every leg passes the gate or none does.
//
// # How an alert finds its accounts
//
// An alert whose strategy is stored goes where that strategy says: one signal on each account, all written down together,
// the first under the alert's own key and the others as its children. What was written is its fingerprint then, so that it
// is known again after the strategy has changed. A strategy that is switched off opens nothing, but what it holds can still
// be closed: its closes, and the closing part of a turn, follow its routes as before; a route that is switched off takes
// nothing at all. Any other alert goes to one account: the exchange it names, or the one
// that routing gives it, in the mode that exchange is in. A test never touches real money.
package admission
