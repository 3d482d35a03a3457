// Package execution carries admitted orders to their exchange and writes down what became of them.
//
// It owns submit, resolve, cancel, flatten, recovery and the trading state. It does not own limits.
//
// # The rules it lives by
//
//   - The intent is on disk before the first byte leaves; from then on the order is in doubt until a report is.
//   - One submit is one network call. It is repeated only when the first provably never left.
//   - Accepted and rejected need the exchange's own word. Everything else is unknown: the exchange is asked by client
//     order id, with growing pauses, and nothing is sent again.
//   - The kill switch is looked at twice: in the transaction that arms the order, and in memory just before the wire.
//   - Start is recovery: whatever is in doubt on disk is asked about before its account takes an entry.
package execution
