// Package exchangetest is the contract that every exchange adapter keeps, as tests: Run is called from the adapter's own
// test file with a World, which is one fresh account with a market whose price the test sets. What an exchange does not have
// the World says by name and with a reason, and the tests about it are left out.
//
// It owns what execution relies on (one id is one order, a lookup finds or proves absent, a cancel may be repeated,
// reduce-only reduces, a restart loses nothing, the books balance). What one exchange does differently from another is
// tested beside that adapter.
package exchangetest
