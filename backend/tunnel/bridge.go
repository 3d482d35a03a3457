package tunnel

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// duplex is one end of a connection within the process. Unlike the channels of ssh it has deadlines, without which a
// server cannot get rid of a client that dawdles; unlike net.Pipe each direction ends by itself.
type duplex struct {
	in, out net.Conn
	once    sync.Once
	// gone is closed once this end is closed for good.
	gone chan struct{}
}

// newDuplex makes both ends.
func newDuplex() (*duplex, *duplex) {
	aIn, bOut := net.Pipe()
	bIn, aOut := net.Pipe()
	return &duplex{in: aIn, out: aOut, gone: make(chan struct{})}, &duplex{in: bIn, out: bOut, gone: make(chan struct{})}
}

func (d *duplex) Read(p []byte) (int, error)  { return d.in.Read(p) }
func (d *duplex) Write(p []byte) (int, error) { return d.out.Write(p) }
func (d *duplex) CloseWrite() error           { return d.out.Close() }
func (d *duplex) LocalAddr() net.Addr         { return here }
func (d *duplex) RemoteAddr() net.Addr        { return here }

func (d *duplex) Close() error {
	d.once.Do(func() { close(d.gone) })
	return errors.Join(d.in.Close(), d.out.Close())
}

func (d *duplex) SetReadDeadline(t time.Time) error  { return d.in.SetReadDeadline(t) }
func (d *duplex) SetWriteDeadline(t time.Time) error { return d.out.SetWriteDeadline(t) }
func (d *duplex) SetDeadline(t time.Time) error {
	return errors.Join(d.in.SetDeadline(t), d.out.SetDeadline(t))
}

// maxBridges is how many connections within the process may be open; the gateway bounds those it serves below that.
const maxBridges = 512

// take hands a connection of a tunnel within this process to the door and carries what is said. It does not wait, because
// the tunnel stands still until its connections are taken.
func (a *attempt) take(ctx context.Context, outer net.Conn) {
	select {
	case a.seats <- struct{}{}:
	default:
		_ = outer.Close()
		return
	}
	inner, ours := newDuplex()
	a.work.Go(func() {
		defer func() { <-a.seats }()
		defer context.AfterFunc(ctx, func() { _ = outer.Close(); _ = ours.Close() })()
		a.r.parts.Door.hand(ctx, inner, a)
		var toGateway sync.WaitGroup
		toGateway.Go(func() { carry(ours, outer) })
		carry(outer, ours)
		// Everything that the gateway said is out. A client that stays on after the gateway has hung up is not waited for.
		select {
		case <-inner.gone:
		case <-ctx.Done():
		}
		_ = outer.Close()
		_ = ours.Close()
		toGateway.Wait()
	})
}

// carry copies until src ends, and then ends that direction of dst. When dst takes no more, src is not read on.
func carry(dst, src net.Conn) {
	if _, err := io.Copy(dst, src); err != nil {
		_ = src.Close()
	}
	if half, ok := dst.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = dst.Close()
}
