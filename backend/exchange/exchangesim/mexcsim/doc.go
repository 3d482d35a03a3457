// Package mexcsim is MEXC for tests: the futures API (contract v1) and the spot API (v3), each an http.Handler that serves
// REST and WebSocket on one origin.
//
// It owns MEXC's spelling of things: paths, envelopes, codes, side and type numbers, contracts instead of base units, JSON
// numbers, protobuf frames, and its own reading of signatures, never an adapter's. What happens to an order, and what is
// remembered of it, it leaves to the core in exchangesim. It knows no adapter and is part of no release.
package mexcsim
