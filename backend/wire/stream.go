package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// StreamConfig is a stream and what its user does with it. Everything but URL and Message may be left out.
type StreamConfig struct {
	URL   string
	Proxy string
	// Dial makes the connections; over TCP when nil.
	Dial Dial
	// Open runs on each new connection, before anything is handed to Message: log in, subscribe, wait for the answers.
	Open func(ctx context.Context, c *Conn) error
	// Gap runs after Open, before Message: whatever was said while nobody listened is lost and has to be asked for. An
	// error breaks the connection, so a stream with a gap never counts as live.
	Gap func(ctx context.Context) error
	// Message takes one message, in order. An error breaks the connection.
	Message func(ctx context.Context, data []byte) error
	// Ping is what keeps the connection, sent every PingEvery (20 s).
	Ping      []byte
	PingEvery time.Duration
	// Silence is how long nothing may come before the connection counts as dead; 45 s when zero.
	Silence time.Duration
	// LeastWait and MostWait bound the pause before a new connection; 500 ms and 30 s when zero.
	LeastWait, MostWait time.Duration
	// Jitter picks a pause in [0, most); a random one when nil.
	Jitter func(most time.Duration) time.Duration
	// Broke hears why a connection ended; it may be nil.
	Broke func(err error)
}

// Stream is a WebSocket that comes back. Serve must run for anything to happen.
type Stream struct {
	cfg    StreamConfig
	dialer *websocket.Dialer
	live   atomic.Bool
}

// NewStream makes a stream and starts nothing. It fails for a proxy that is none.
func NewStream(c StreamConfig) (*Stream, error) {
	proxy, err := proxyOf(c.Proxy)
	if err != nil {
		return nil, err
	}
	c.PingEvery, c.Silence = cmp.Or(c.PingEvery, 20*time.Second), cmp.Or(c.Silence, 45*time.Second)
	return &Stream{cfg: c, dialer: &websocket.Dialer{Proxy: proxy, NetDialContext: c.Dial, HandshakeTimeout: 5 * time.Second}}, nil
}

// Live tells whether the stream is connected and its gap is closed.
func (s *Stream) Live() bool { return s.live.Load() }

// Serve keeps the stream up until ctx ends.
func (s *Stream) Serve(ctx context.Context) error {
	pauses := s.cfg.Pauses()
	for {
		lived, err := s.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if s.cfg.Broke != nil {
			s.cfg.Broke(err)
		}
		if lived {
			pauses.Anew()
		}
		if err := pauses.Wait(ctx); err != nil {
			return err
		}
	}
}

// run is one connection from dial to end; lived tells that it became live.
func (s *Stream) run(ctx context.Context) (lived bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	raw, response, err := s.dialer.DialContext(ctx, s.cfg.URL, nil)
	if err != nil {
		return false, fmt.Errorf("connect: %w", statusOf(response, err))
	}
	raw.SetReadLimit(MaxAnswer)
	c := &Conn{raw: raw, silence: s.cfg.Silence}
	// A watchdog instead of deadlines: it needs no clock, and closing frees a blocked write too.
	c.watchdog = time.AfterFunc(s.cfg.Silence, func() { c.silent.Store(true); raw.Close() })
	defer raw.Close()
	defer c.watchdog.Stop()
	// A ping of the server is a sign of life too; on a quiet account it may be the only one.
	pong := raw.PingHandler()
	raw.SetPingHandler(func(data string) error {
		c.watchdog.Reset(s.cfg.Silence)
		return pong(data)
	})
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	if s.cfg.Open != nil {
		if err := s.cfg.Open(ctx, c); err != nil {
			return false, fmt.Errorf("open: %w", err)
		}
	}
	if len(s.cfg.Ping) > 0 {
		work.Go(func() { s.ping(ctx, c) })
	}
	if s.cfg.Gap != nil {
		// Nobody reads meanwhile, so that nothing comes says nothing.
		c.watchdog.Stop()
		if err := s.cfg.Gap(ctx); err != nil {
			return false, fmt.Errorf("catch up: %w", err)
		}
		c.watchdog.Reset(s.cfg.Silence)
	}
	s.live.Store(true)
	defer s.live.Store(false)
	for {
		data, err := c.next()
		if err != nil {
			return true, err
		}
		if err := s.cfg.Message(ctx, data); err != nil {
			return true, fmt.Errorf("take a message: %w", err)
		}
	}
}

func statusOf(response *http.Response, err error) error {
	if response == nil {
		return err
	}
	return fmt.Errorf("HTTP %d: %w", response.StatusCode, err)
}

func (s *Stream) ping(ctx context.Context, c *Conn) {
	for Pause(ctx, s.cfg.PingEvery) == nil {
		if err := c.Send(s.cfg.Ping); err != nil {
			// The reader sees the same broken connection and tells why.
			return
		}
	}
}

// Conn is one connection of a stream.
type Conn struct {
	raw      *websocket.Conn
	silence  time.Duration
	watchdog *time.Timer
	silent   atomic.Bool
	// waiting are messages that came while an answer was awaited.
	waiting [][]byte

	writing sync.Mutex
}

// Send writes one text message.
func (c *Conn) Send(data []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.raw.WriteMessage(websocket.TextMessage, data)
}

// Await reads until a message is the one; everything before it is kept for Message. Only Open may call it.
func (c *Conn) Await(is func(data []byte) (bool, error)) error {
	for range 1000 {
		data, err := c.read()
		if err != nil {
			return err
		}
		found, err := is(data)
		if found || err != nil {
			return err
		}
		c.waiting = append(c.waiting, data)
	}
	return errors.New("too many messages before the answer")
}

func (c *Conn) next() ([]byte, error) {
	if len(c.waiting) > 0 {
		data := c.waiting[0]
		c.waiting = c.waiting[1:]
		return data, nil
	}
	return c.read()
}

func (c *Conn) read() ([]byte, error) {
	_, data, err := c.raw.ReadMessage()
	if err != nil {
		if c.silent.Load() {
			return nil, fmt.Errorf("nothing came for %s", c.silence)
		}
		return nil, err
	}
	c.watchdog.Reset(c.silence)
	return data, nil
}
