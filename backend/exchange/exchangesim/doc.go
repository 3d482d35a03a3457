// Package exchangesim is an exchange account for tests: matching against one scripted price, margin, positions in one-way
// and hedge mode, spot holdings, fees, a conditional book, position protection, funding and liquidation.
//
// It owns the account, the rules that all exchanges share, scripted faults, and a log on disk that survives whoever talks
// to it: when the question is whether an order was doubled, that log decides. It speaks no exchange's dialect; the rooms
// below it (one per exchange) turn requests into its words and its events into frames. It knows no adapter and is part of
// no release.
package exchangesim
