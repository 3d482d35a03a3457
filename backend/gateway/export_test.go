package gateway

import (
	"context"
	"net/http"
	"time"

	"hoox/backend/trading"
)

// Answer is what a caller is told about a record.
func Answer(r trading.SignalRecord) (int, []byte) { return answer(r) }

// SetTimeouts shortens what slow clients are given.
func (g *Gateway) SetTimeouts(readHeader, read time.Duration) {
	g.limits.readHeader, g.limits.read = readHeader, read
}

// SetAnswer shortens the longest wait of all.
func (g *Gateway) SetAnswer(d time.Duration) { g.limits.answer = d }

// SetConnections lowers the bound on open connections.
func (g *Gateway) SetConnections(n int) { g.limits.connections = n }

// Server is the server that Serve would run.
func (g *Gateway) Server() *http.Server { return g.server(context.Background()) }

// Pace is the rate limiter.
type Pace = pace

// Take asks the rate limiter.
func (p *Pace) Take(credential string, now time.Time, limit, reserve int, closing bool) (time.Duration, bool) {
	return p.take(credential, now, limit, reserve, closing)
}

// Client is the address that a request counts as coming from, "" when it cannot be told.
func Client(r *http.Request, header string) string {
	if a, ok := client(r, header); ok {
		return a.String()
	}
	return ""
}
