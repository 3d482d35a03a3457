package risk

import "hoox/backend/trading"

// locked tells why an entry of a symbol is not taken now, however the symbol is written; nil when it is. A lock that has ended
// counts for nothing.
func (l Limits) locked(symbols ...string) *refusal {
	for _, lock := range l.Locks {
		for _, s := range symbols {
			if lock.Holds(l.At) && trading.PlainSymbol(s) == lock.Symbol {
				return denied("symbol locked: " + lock.Symbol + " takes no entries " + lock.Words() + " (trade:locked_symbols)")
			}
		}
	}
	return nil
}
