// Package trading is the vocabulary of the house: signal, order, fill, report, position, instrument, account, the
// identifiers, the exact numbers, the statuses with their transition table, and the closed list of error kinds.
//
// It owns words and the facts that follow from them alone (rounding to a step, which status may follow which). It knows
// no service, no clock and no storage, and imports nothing of ours.
package trading
