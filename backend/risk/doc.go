// Package risk is the gate: trading state, limits, and one pure function that says yes or no to planned orders.
//
// It owns the decision and its numbers in words. It reads and writes nothing: the book is handed in, the verdict handed
// back. An order reaches an exchange only as an Approved, and only Decide can make one.
package risk
