// Package exchangesim is an exchange for tests: real HTTP and WebSocket, for a listener on loopback, with the answers,
// refusals and faults of Bybit's API version 5.
//
// It owns its account, its own reading of signatures and filters, and a log on disk that survives whoever talks to it:
// when the question is whether an order was doubled, that log decides. It knows no adapter and is part of no release. It
// does not simulate liquidation, funding, several targets, trailing stops, conditional orders or the trade stream.
package exchangesim
