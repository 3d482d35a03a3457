// Package events is the hub in memory that tells "something changed under this topic". It carries numbers, no truth: a
// reader who missed one sees a gap and reads the ledger again.
package events
