// Package tape puts together what an exchange says about orders: rows and fills come from streams, catch-ups and look-ups,
// in any sequence and more than once, and leave as reports that fit together. It also keeps count of the clean empty
// answers that, with enough time, prove that an order does not exist.
//
// It knows no exchange: each adapter writes its exchange's words as Row and trading.Fill. It decides nothing about orders
// and keeps nothing on disk; what it forgets is read again.
package tape
