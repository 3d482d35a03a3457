// Package wire is the mechanism of a connection to an exchange: one HTTP attempt whose fate is known, the difference
// between two clocks, a budget of requests, and a stream that comes back after it broke.
//
// It knows HTTP and WebSocket and no exchange: which path, which signature and which word of an answer means what is the
// adapter's. It repeats nothing by itself. What a caller may conclude from a failed call is the one thing it promises:
// an Error says whether bytes may have left.
package wire
