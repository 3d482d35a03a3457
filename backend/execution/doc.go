// Package execution carries admitted orders to their exchange and writes down what became of them.
//
// It owns submit, resolve, cancel, flatten, recovery, what protects positions after a fill, the comparison with the exchanges
// and the trading state. It does not own limits.
//
// # The rules it lives by
//
//   - The intent is on disk before the first byte leaves; from then on the order is in doubt until a report is.
//   - One submit is one network call. It is repeated only when the first provably never left.
//   - Accepted and rejected need the exchange's own word. Everything else is unknown: the exchange is asked by client
//     order id, with growing pauses, and nothing is sent again.
//   - The kill switch is looked at twice: in the transaction that arms the order, and in memory just before the wire.
//   - Start is recovery: whatever is in doubt on disk is asked about before its account takes an entry.
//   - The fill of a protected entry and the job that protects it are one commit. What does not stand in time is closed, retried
//     or told, by policy, and always written on the signal.
//   - An exchange that stops answering opens its account's circuit: nothing is sent, orders wait in the queue until their
//     deadline, and one cheap question after a growing pause finds out when it is back.
//   - After a ledger was restored from a copy, an order is asked about before it is sent for the first time.
//   - Missing is not flat: a list alone settles nothing, a failed question finds nothing, and what is not ours is only shown.
package execution
