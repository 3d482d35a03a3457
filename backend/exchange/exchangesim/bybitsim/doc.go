// Package bybitsim is the dialect of Bybit's API version 5 over an account of exchangesim: REST for linear and spot, the
// private stream and the public streams, on one origin.
//
// It owns paths, field names, envelopes, return codes, its own reading of signatures, paging, the rules of what order
// lists show, rate limit headers and frames. What an order does to an account is exchangesim's. It does not simulate the
// trade stream, batch orders and options, and never cuts a stream for want of a ping.
package bybitsim
