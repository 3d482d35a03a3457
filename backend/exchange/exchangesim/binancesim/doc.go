// Package binancesim is a Binance of our own for tests: spot and USDⓈ-M futures, each an http.Handler that serves the
// REST and WebSocket paths of that product on one origin.
//
// It owns Binance's wire: how a request is signed and refused, limits and their headers, the names and shapes of rows,
// streams, order lists, listen keys and the separate book of conditional orders. What an order does to an account is
// the core's. Signatures are read from the raw bytes by code of its own; it knows no adapter and is part of no release.
//
// It does not simulate a past (bars are flat at the present price), order lists over a restart of the façade, portfolio
// margin, several leverage brackets, self-trade prevention, batch orders and iceberg orders.
package binancesim
