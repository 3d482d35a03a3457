package wire

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"time"
)

// tracked is a connection that knows whether something was written on it, and that can be sealed.
type tracked struct {
	net.Conn

	mu     sync.Mutex
	writes uint64
	sealed bool
}

// track has a dialer make such connections.
func track(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &tracked{Conn: c}, nil
	}
}

// handshakeBudget bounds the handshake of TLS.
const handshakeBudget = 3 * time.Second

// trackTLS is track with TLS below: what TLS says on its own, such as that it ends, is nothing of a request.
func trackTLS(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		plain, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(plain, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
		ctx, cancel := context.WithTimeout(ctx, handshakeBudget)
		defer cancel()
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = plain.Close() // the handshake's error is the reason
			return nil, err
		}
		return &tracked{Conn: secure}, nil
	}
}

// Write counts the attempt before a byte can leave.
func (c *tracked) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.sealed {
		c.mu.Unlock()
		return 0, net.ErrClosed
	}
	c.writes++
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// Close ends the connection. Who writes on it after that has written nothing.
func (c *tracked) Close() error {
	c.mu.Lock()
	c.sealed = true
	c.mu.Unlock()
	return c.Conn.Close()
}

// count is how often something was written.
func (c *tracked) count() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes
}

// seal forbids every further write if there was none since the count was taken, and tells whether that is so. Nothing can leave
// after it, whatever still holds the connection.
func (c *tracked) seal(since uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writes != since {
		return false
	}
	c.sealed = true
	return true
}

// trackedOf finds the connection, below TLS when a proxy leads to it; nil when it is none of ours.
func trackedOf(info httptrace.GotConnInfo) *tracked {
	c := info.Conn
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	known, _ := c.(*tracked)
	return known
}

// passage is the way that one attempt took: the connections it was given, one after the other, and how much had been written on
// each before.
type passage struct {
	mu    sync.Mutex
	legs  []leg
	blind bool
}

type leg struct {
	conn  *tracked
	since uint64
}

func (p *passage) took(info httptrace.GotConnInfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := trackedOf(info)
	if c == nil {
		p.blind = true
		return
	}
	p.legs = append(p.legs, leg{c, c.count()})
}

// used tells whether something of the attempt may have left. A connection on which nothing was written is good for nothing after it:
// one that broke before its first byte, such as one that the other side had closed in its sleep.
func (p *passage) used() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	used := p.blind
	for _, l := range p.legs {
		if !l.conn.seal(l.since) {
			used = true
		}
	}
	return used
}
