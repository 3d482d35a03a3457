package gateway

import (
	"container/list"
	"net"
	"sync"
	"time"
)

// standing is what a connection has shown of itself; who has shown least gives way first.
type standing int

const (
	// speaking has not said whole headers yet.
	speaking standing = iota
	// answered was given an answer and proved nothing.
	answered
	// asking has said its headers and not all of its body.
	asking
	// proven came with a key: tunnels and browsers keep such a connection for the next request.
	proven
	standings
)

// patience is how long a connection may be silent before it can be told to give way. A client that has something to say says
// it with its first bytes; a body may come a round trip later.
var patience = [standings]time.Duration{
	speaking: 50 * time.Millisecond, answered: 50 * time.Millisecond, asking: 150 * time.Millisecond, proven: 50 * time.Millisecond,
}

// crowd is a listener with a bound on open connections. When it is full, one that keeps silent gives way: those that have
// said least go first, and among them the one that has kept it up longest. While everybody is within its patience the
// newcomers wait their turn, and when everybody is being served they have to come back.
type crowd struct {
	net.Listener
	most int
	// freed tells who waits for a place that it is worth a look.
	freed chan struct{}
	once  sync.Once
	// closed ends the waiting.
	closed chan struct{}

	mu   sync.Mutex
	open int
	// idle are the connections that are not being served, by their standing, oldest first.
	idle [standings]list.List
}

func newCrowd(l net.Listener, most int) *crowd {
	return &crowd{Listener: l, most: most, freed: make(chan struct{}, 1), closed: make(chan struct{})}
}

func (l *crowd) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := l.enter(c); g != nil {
			return g, nil
		}
		_ = c.Close()
	}
}

// Close also lets go of the newcomer that waits for a place.
func (l *crowd) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// enter finds a place for a newcomer, nil when there is none.
func (l *crowd) enter(c net.Conn) *guest {
	for {
		g, gives, wait := l.place(c)
		if gives != nil {
			_ = gives.Close()
			continue
		}
		if !wait {
			return g
		}
		select {
		case <-l.freed:
		case <-l.closed:
			return nil
		}
	}
}

// place gives a newcomer a place, or tells who has to give way for it, or whether somebody will.
func (l *crowd) place(c net.Conn) (g, gives *guest, wait bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open < l.most {
		l.open++
		g = &guest{Conn: c, crowd: l}
		g.timer = time.AfterFunc(patience[speaking], g.ripen)
		g.spot = l.idle[speaking].PushBack(g)
		return g, nil, false
	}
	for s := range l.idle {
		if standing(s) == proven && wait {
			break // somebody who proved nothing will give way in a moment
		}
		for e := l.idle[s].Front(); e != nil; e = e.Next() {
			wait = true
			if silent, _ := e.Value.(*guest); silent.ripe && silent.reading && !unread(silent.Conn) {
				return nil, silent, false
			}
		}
	}
	return nil, nil, wait
}

// look has who waits for a place look again.
func (l *crowd) look() {
	select {
	case l.freed <- struct{}{}:
	default:
	}
}

// The rest is about one connection; the crowd's mutex guards it.

// ripen notes that the patience with a connection is at an end. One whose words are here and not read yet is not silent:
// then it is this computer that is slow.
func (g *guest) ripen() {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	switch {
	case g.gone || g.spot == nil:
	case !g.reading:
		g.timer.Reset(patience[g.standing] / 5)
	default:
		g.ripe = true
		g.crowd.look()
	}
}

// stand puts a connection that is not being served to the end of those of its standing, with new patience.
func (g *guest) stand(s standing) {
	g.leave()
	g.standing, g.ripe = s, false
	g.spot = g.crowd.idle[s].PushBack(g)
	g.timer.Reset(patience[s])
}

// leave takes a connection from those that may have to give way.
func (g *guest) leave() {
	if g.spot != nil {
		g.crowd.idle[g.standing].Remove(g.spot)
		g.spot = nil
	}
}

// listen notes that the server waits for words, or has got some.
func (g *guest) listen(waits, heard bool) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.reading = waits
	switch {
	case g.gone || g.spot == nil:
	case heard && g.standing == answered:
		g.stand(speaking)
	case waits && g.ripe:
		g.crowd.look()
	}
}

// moves notes what a connection has shown, unless it has proved itself.
func (g *guest) moves(s standing) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	if !g.gone && g.spot != nil && g.standing != proven {
		g.stand(s)
	}
}

// hold keeps a connection from giving way until the returned function is called. A standing that it has reached stays.
func (g *guest) hold(s standing) (release func()) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.leave()
	g.standing = max(g.standing, s)
	return func() {
		g.crowd.mu.Lock()
		defer g.crowd.mu.Unlock()
		if !g.gone && g.spot == nil {
			g.stand(g.standing)
		}
	}
}
