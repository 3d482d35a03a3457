// Package paper is an exchange that is not one: an account that trades real filters, fees, margin and protections
// against a market it is given, with nobody's money. It speaks the five verbs of every adapter (see package exchange)
// and passes their contract suite.
//
// It owns its account as an exchange would: balance, leverage, positions, resting orders, attached protections, and
// every order it has ever seen. It decides nothing about whether to trade and never reads the ledger.
//
// # Durability
//
// The account lives in the book, a key-value store in the same database as the ledger. SaveBook does not wait: the
// change joins the next durable commit, in the order of the calls, so it is on disk no later than the report that
// follows it. A crash before that commit loses the order here and its report there: Lookup then proves it absent. A
// crash after it loses neither. News that nobody asked for (a resting order filled, a stop that triggered, funding) waits
// in the book until the sink has taken it, and is told again after a crash; fills have fixed ids, so twice is once.
//
// # What is simulated
//
// Market orders walk the depth they are given; what does not fit is canceled. A limit order takes what crosses and rests
// with the remainder, then fills at its price as the market reaches it. Margin is isolated in either margin mode: a
// position holds cost ÷ leverage, and loses no more than that. It is liquidated when
//
//	margin + open profit at mark <= maintenance rate × cost
//
// which for a long is mark <= entry × (1 - 1/leverage + rate), for a short mark >= entry × (1 + 1/leverage - rate). The
// exchange then takes it over at the price at which the margin is gone, entry × (1 ∓ 1/leverage). Spot is a long of
// leverage 1 that cannot be liquidated; its fees are paid in the quote currency, so that a holding is the sum of its
// fills. USDC counts as USDT. Each protection is watched at mark, a few times a second, and only while the program runs.
//
// The same market, times and orders give the same fills with the same ids.
package paper
