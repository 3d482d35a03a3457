// Package gateway is the public listener, the only thing a tunnel may reach. It turns a request of a stranger into a
// trading.Signal of a known credential, hands it to the desk, waits for the outcome within the answer budget, and says
// what became of it.
//
// It owns authentication by webhook key and address, the bounds on size, time, connections and rate, strict decoding,
// and the words and statuses of every public answer. It leaves to others what a signal leads to: instruments, limits,
// the kill switch, duplicates and storage are behind the desk. It keeps no key, only digests, and stores nothing.
//
// # Order of checks
//
//	another name than the tunnel's 403 → method 405 → core not running 503 → size 413 → content type and encoding 415
//	→ JSON 400 → apiKey 403 → client address 403 → rate 429 → fields 400 → (at the desk) scope of the key 403 → kill switch 503 → duplicate 409 → gate 422
//
// Everything up to the fields happens in memory. A signal is awaited before it is admitted, so that no outcome can slip
// by; once it is stored it is answered within 2.5 s and never with a 5xx, except KILL_SWITCH, because a 5xx asks
// TradingView to send it again. Nothing is ever answered 504.
//
// # Security items and their tests
//
// Every item of the checklist stands once, with what holds of it and the tests that prove it, for all rooms, in
// backend/testdata/security.txt; a law holds that each of these tests exists. Those of this room begin with the item that they
// are about, such as TestA1_MissingWrongAndRevokedKeysAreAnsweredAlike.
package gateway
