package node_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// sea is the network of one bubble: every connection is in memory, nothing is lost but by order, and a parcel takes virtual
// time from shore to shore.
type sea struct {
	// lag is how long the next parcel is under way.
	lag func() time.Duration

	mu    sync.Mutex
	ports map[string]*port
}

// voyage is what becomes of one request and its answer. The zero value is a calm crossing.
type voyage struct {
	// reset breaks the connection before a byte has left; sink lets the request vanish.
	reset, sink bool
	// slow is how much longer the request is under way, whether anybody still waits for the answer or not; late the same for
	// the answer. mute lets the answer vanish.
	slow, late time.Duration
	mute       bool
	// cut breaks the connection after so many bytes of the answer; 0 never.
	cut int
}

func newSea(lag func() time.Duration) *sea {
	return &sea{lag: lag, ports: map[string]*port{}}
}

// port is where an exchange listens.
type port struct {
	name  string
	calls chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (s *sea) listen(name string) *port {
	p := &port{name: name, calls: make(chan net.Conn), done: make(chan struct{})}
	s.mu.Lock()
	s.ports[name] = p
	s.mu.Unlock()
	return p
}

func (p *port) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *port) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *port) Addr() net.Addr  { return p }
func (p *port) Network() string { return "sea" }
func (p *port) String() string  { return p.name }

// connect makes a connection; judge decides what becomes of what the program writes on it and of the answer, and may be nil.
func (s *sea) connect(ctx context.Context, address string, judge func([]byte) voyage) (net.Conn, error) {
	s.mu.Lock()
	p := s.ports[address]
	s.mu.Unlock()
	if p == nil {
		return nil, &net.OpError{Op: "dial", Net: "sea", Err: syscall.ECONNREFUSED}
	}
	out, back := newFlow(s.lag), newFlow(s.lag)
	select {
	case p.calls <- &cable{port: p, in: out, out: back}:
		return &cable{port: p, in: back, out: out, judge: judge}, nil
	case <-p.done:
		return nil, &net.OpError{Op: "dial", Net: "sea", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// cable is one end of a connection.
type cable struct {
	port    *port
	in, out *flow
	// judge is asked about every write; nil on the side of the exchange.
	judge func([]byte) voyage
}

func (c *cable) Read(p []byte) (int, error) { return c.in.read(p) }

func (c *cable) Write(p []byte) (int, error) {
	if c.judge == nil {
		return len(p), c.out.send(p, 0)
	}
	way := c.judge(p)
	if way.reset {
		c.out.end(syscall.ECONNRESET)
		c.in.shut(syscall.ECONNRESET)
		return 0, &net.OpError{Op: "write", Net: "sea", Err: syscall.ECONNRESET}
	}
	c.in.harm(way)
	if way.sink {
		return len(p), nil
	}
	return len(p), c.out.send(p, way.slow)
}

// Close lets what is under way arrive, as the network does.
func (c *cable) Close() error {
	c.out.end(io.EOF)
	c.in.shut(net.ErrClosed)
	return nil
}

func (c *cable) LocalAddr() net.Addr              { return c.port }
func (c *cable) RemoteAddr() net.Addr             { return c.port }
func (c *cable) SetWriteDeadline(time.Time) error { return nil }

func (c *cable) SetDeadline(at time.Time) error { return c.SetReadDeadline(at) }

func (c *cable) SetReadDeadline(at time.Time) error {
	c.in.mu.Lock()
	c.in.deadline = at
	c.in.mu.Unlock()
	c.in.poke()
	return nil
}

// flow is one direction of a connection. It never blocks who writes.
type flow struct {
	lag  func() time.Duration
	stir chan struct{}

	mu      sync.Mutex
	parcels []parcel
	// last is when the newest parcel arrives: none overtakes another.
	last time.Time
	// over is what is read behind the last parcel, closed what is read at once.
	over, closed error
	deadline     time.Time
	harmed       voyage
	// carried are the bytes since the flow was harmed.
	carried int
}

type parcel struct {
	data []byte
	at   time.Time
}

func newFlow(lag func() time.Duration) *flow { return &flow{lag: lag, stir: make(chan struct{}, 1)} }

func (f *flow) poke() {
	select {
	case f.stir <- struct{}{}:
	default:
	}
}

// harm says what becomes of the next answer.
func (f *flow) harm(way voyage) {
	f.mu.Lock()
	f.harmed, f.carried = way, 0
	f.mu.Unlock()
}

func (f *flow) send(p []byte, slow time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over != nil || f.closed != nil {
		return &net.OpError{Op: "write", Net: "sea", Err: syscall.EPIPE}
	}
	if f.harmed.mute {
		return nil
	}
	breaks := f.harmed.cut > 0 && f.carried+len(p) >= f.harmed.cut
	if breaks {
		p, f.over = p[:f.harmed.cut-f.carried], syscall.ECONNRESET
	}
	f.carried += len(p)
	at := time.Now().Add(f.lag() + slow + f.harmed.late)
	if at.Before(f.last) {
		at = f.last
	}
	f.last = at
	if len(p) > 0 {
		f.parcels = append(f.parcels, parcel{append([]byte(nil), p...), at})
	}
	f.poke()
	return nil
}

// end is the last of what is sent.
func (f *flow) end(over error) {
	f.mu.Lock()
	if f.over == nil {
		f.over = over
	}
	f.mu.Unlock()
	f.poke()
}

// shut ends the reading at once, with what is under way.
func (f *flow) shut(why error) {
	f.mu.Lock()
	if f.closed == nil {
		f.closed = why
	}
	f.mu.Unlock()
	f.poke()
}

func (f *flow) read(p []byte) (int, error) {
	for {
		n, wait, err := f.take(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		if wait == 0 {
			<-f.stir
			continue
		}
		due := time.NewTimer(wait)
		select {
		case <-f.stir:
		case <-due.C:
		}
		due.Stop()
	}
}

// take is what has arrived, or how long to wait for the next thing to happen; 0 is until something is done.
func (f *flow) take(p []byte) (n int, wait time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	switch {
	case f.closed != nil:
		return 0, 0, f.closed
	case !f.deadline.IsZero() && !now.Before(f.deadline):
		return 0, 0, os.ErrDeadlineExceeded
	case len(f.parcels) > 0 && !f.parcels[0].at.After(now):
		n = copy(p, f.parcels[0].data)
		if f.parcels[0].data = f.parcels[0].data[n:]; len(f.parcels[0].data) == 0 {
			f.parcels = f.parcels[1:]
		}
		return n, 0, nil
	case len(f.parcels) == 0 && f.over != nil:
		return 0, 0, f.over
	}
	if len(f.parcels) > 0 {
		wait = f.parcels[0].at.Sub(now)
	}
	if left := f.deadline.Sub(now); !f.deadline.IsZero() && (wait == 0 || left < wait) {
		wait = left
	}
	return 0, wait, nil
}

// errSilent is a dial that nobody answers.
var errSilent = &net.OpError{Op: "dial", Net: "sea", Err: errors.New("nobody answers")}
