// Package market is where prices come from. It owns the synthetic market, a deterministic function of a seed and of time
// behind the same methods that a live public feed has; the catalogue of instruments with each exchange's filters; and
// the reading of symbols as people and TradingView write them.
//
// It places no orders and holds no account. How old a quote may be is decided by whoever reads it (Quote.At): a chart
// bears an old price, an order does not.
package market
