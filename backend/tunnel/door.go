package tunnel

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
)

// Door is where the connections of tunnels come out. The gateway's server accepts from it what it must not confuse with
// other connections of this computer. One door serves one tunnel after the other.
type Door struct{ arrivals chan net.Conn }

// NewDoor makes a door.
func NewDoor() *Door { return &Door{arrivals: make(chan net.Conn)} }

// Listener is the door for one run of a server. Closing it leaves the door to the next run.
func (d *Door) Listener() net.Listener { return &view{door: d, closed: make(chan struct{})} }

// view is a listener on a door.
type view struct {
	door   *Door
	once   sync.Once
	closed chan struct{}
}

func (v *view) Accept() (net.Conn, error) {
	select {
	case <-v.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case <-v.closed:
		return nil, net.ErrClosed
	case c := <-v.door.arrivals:
		return c, nil
	}
}

func (v *view) Close() error {
	v.once.Do(func() { close(v.closed) })
	return nil
}

// Addr is an address that nothing listens at: connections come from within.
func (v *view) Addr() net.Addr { return here }

// here stands for this computer where a connection has no address of its own.
var here = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}

// Conn is a connection that came through a tunnel.
type Conn struct {
	net.Conn
	from *attempt
}

// ClientIPHeader is the header that carries the client's address on this connection, "" when none does.
func (c *Conn) ClientIPHeader() string { return c.from.r.facts.Header }

// PublicHost is the name, with its port where that is not the scheme's own, by which the world calls what comes in here; ""
// while it is not known, and where what is in front may pass on any name.
func (c *Conn) PublicHost() string { return c.from.publicHost() }

// RemoteAddr is on this computer, whatever the connection is made of: the one who speaks here is the tunnel.
func (c *Conn) RemoteAddr() net.Addr {
	if a, ok := c.Conn.RemoteAddr().(*net.TCPAddr); ok && a.IP.IsLoopback() {
		return a
	}
	return here
}

// SyscallConn is the socket of the connection; without one it fails with ErrUnsupported.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := c.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// CloseWrite lets the server say that it is done before it closes, so that the last answer is not lost in a reset.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// hand gives a connection of an attempt to whoever accepts next, and closes it when ctx ends before.
func (d *Door) hand(ctx context.Context, c net.Conn, from *attempt) {
	select {
	case d.arrivals <- &Conn{Conn: c, from: from}:
	case <-ctx.Done():
		_ = c.Close()
	}
}
