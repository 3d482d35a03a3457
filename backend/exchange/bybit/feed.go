package bybit

import (
	"context"
	"maps"
	"slices"
	"sync"

	"hoox/backend/wire"
)

// feed is the public stream of one product. It connects once there is something to listen to.
type feed struct {
	stream *wire.Stream
	// ready is closed once there is something to listen to, more is rung when there is something new to ask for.
	ready, more chan struct{}

	mu      sync.Mutex
	symbols map[string]bool

	// asking is held while symbols are asked for, on conn, which was asked for those in asked.
	asking sync.Mutex
	conn   *wire.Conn
	asked  map[string]bool
}

func newFeed() *feed {
	return &feed{ready: make(chan struct{}), more: make(chan struct{}, 1), symbols: map[string]bool{}, asked: map[string]bool{}}
}

// add notes a symbol; it never waits for the network.
func (f *feed) add(symbol string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.symbols[symbol] {
		return
	}
	if len(f.symbols) == 0 {
		close(f.ready)
	}
	f.symbols[symbol] = true
	select {
	case f.more <- struct{}{}:
	default:
	}
}

func (f *feed) watched() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.symbols) > 0
}

// serve runs the stream until ctx ends.
func (f *feed) serve(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-f.ready:
	}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { f.serveMore(ctx) })
	// A stream ends only with ctx.
	_ = f.stream.Serve(ctx)
}

// serveMore asks for what is added while a connection is up.
func (f *feed) serveMore(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.more:
		}
		f.asking.Lock()
		// A connection that breaks here is followed by one that is asked for everything.
		_ = f.ask()
		f.asking.Unlock()
	}
}

// open asks a new connection for everything.
func (f *feed) open(c *wire.Conn) error {
	f.asking.Lock()
	defer f.asking.Unlock()
	f.conn = c
	clear(f.asked)
	return f.ask()
}

// ask asks the connection for what it was not asked for yet, each symbol on its own, because one that is not listed makes
// Bybit refuse all that came with it.
func (f *feed) ask() error {
	if f.conn == nil {
		return nil
	}
	f.mu.Lock()
	symbols := slices.Sorted(maps.Keys(f.symbols))
	f.mu.Unlock()
	for _, symbol := range symbols {
		if f.asked[symbol] {
			continue
		}
		topics := []string{"tickers." + symbol, "orderbook.1." + symbol}
		if err := send(f.conn, "subscribe", map[string]any{"op": "subscribe", "req_id": symbol, "args": topics}); err != nil {
			return err
		}
		f.asked[symbol] = true
	}
	return nil
}
