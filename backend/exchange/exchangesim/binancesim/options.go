package binancesim

import (
	"time"

	"hoox/backend/trading"
)

// Options is what a façade can be made to do differently; the zero value is Binance as of 2026-11.
type Options struct {
	// Now is the exchange's clock, the core's when nil.
	Now func() time.Time
	// Weight is the request weight of a minute, Orders the orders of ten seconds; zero is the exchange's own.
	Weight, Orders int
	// MarketMaxQty is the largest market order when it is below the largest order.
	MarketMaxQty trading.Qty
	// Ping is how often a stream is pinged, zero for the exchange's own (20 s spot, 3 min futures). A stream that leaves
	// three pings in a row unanswered is cut.
	Ping time.Duration
	// Testnet lets the user stream of the old futures path /ws/<listenKey> speak; elsewhere that path is silent.
	Testnet bool
	// Results makes a futures order that asks for RESULT be answered with what became of it; without, every answer says
	// NEW, as has been seen since 2026-07.
	Results bool
	// Permissions is what the key may do.
	Permissions Permissions
}

// Permissions is what a key may do. The zero value reads and trades from any address, for ever.
type Permissions struct {
	// Revoked answers every signed request with -2015, NoTrading only those that change something, NoFutures those of
	// the futures.
	Revoked, NoTrading, NoFutures bool
	Withdrawals, IPRestrict       bool
	// Transfers moves money between the accounts of one owner.
	Transfers bool
	// Expires is when the key stops trading, zero for never.
	Expires time.Time
}

// SetPermissions changes what the key may do, from now on.
func (s *Server) SetPermissions(p Permissions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opt.Permissions = p
}

// ForgetUse starts the limits of requests and orders anew, as the time does that usually lies between two starts of a program.
func (s *Server) ForgetUse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.forget()
}

func (s *Server) permissions() Permissions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opt.Permissions
}
