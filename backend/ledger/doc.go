// Package ledger is the arithmetic of what was traded: what a fill does to a position, what it earned, and whether
// books balance.
//
// It owns average cost, realized and unrealized profit. It stores nothing and knows no exchange.
package ledger
