// Package node wires the rooms together and keeps them alive: configuration, construction order, supervision, recovery
// and health. It is the only room that knows all rooms, and it knows no rule of trading.
//
// # Start and stop
//
//	lock the folder → vault → open and migrate the ledger → settings → listen → ask about orders in flight → ready
//
// The gateway listens early and answers 503 until the core runs, so that TradingView's own resend is the buffer. Stop is
// the other way round: first the doors, then the core. Start is the recovery path; there is no other one, which is why
// `kill -9` is a supported way to stop.
package node
