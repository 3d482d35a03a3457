package telegramsim

import (
	"context"
	"net"
	"sync"
)

// lobby is a listener within the process.
type lobby struct {
	conns chan net.Conn
	gone  chan struct{}
	once  sync.Once
}

func newLobby() *lobby { return &lobby{conns: make(chan net.Conn), gone: make(chan struct{})} }

func (l *lobby) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.gone:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for a connection.
func (l *lobby) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.gone:
		return nil, net.ErrClosed
	}
}

// Close ends it; closing twice does nothing.
func (l *lobby) Close() error {
	l.once.Do(func() { close(l.gone) })
	return nil
}

// Addr is an address in name only.
func (l *lobby) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
