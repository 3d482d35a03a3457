package bybitsim

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Account is the config of an account with the rules of Bybit: client ids unique for ever, fees of a spot buyer in what
// he bought, post-only orders that are canceled, 500 open orders and 10 conditional ones a symbol, ids that are UUIDs.
func Account(c exchangesim.Config) exchangesim.Config {
	c.IDs, c.OwnSpotFee, c.CancelPostOnly, c.MaxOpen, c.MaxConditional = exchangesim.UniqueForever, true, true, 500, 10
	c.NewID = func(kind string, n int) string {
		family := map[string]string{"order": "8000", "algo": "8000", "fill": "9000", "funding": "a000"}[kind]
		return fmt.Sprintf("00000000-0000-4000-%s-%012d", family, n)
	}
	return c
}

// Options is how the exchange behaves. The zero value is a patient exchange with a key that may trade.
type Options struct {
	// Limits refuses with 10006 what is above the limits; else they are only counted.
	Limits bool
	// Async answers before an order meets the market, as the real one does.
	Async bool
	// HistoryLag is how late order/history knows what ended.
	HistoryLag time.Duration
	// ClosedCache is how many ended orders of a category order/realtime remembers; 0 is 500.
	ClosedCache int
	// Page bounds the instruments of one page; 0 is what the request asks for, up to 1000.
	Page int
	// ReadOnly is a key that may not trade. Addresses is what query-api tells about bound addresses.
	ReadOnly  bool
	Addresses []string
}

// Server serves one account. It is an http.Handler for REST and streams alike.
type Server struct {
	core *exchangesim.Core
	cfg  exchangesim.Config
	o    Options
	stop func()

	routes  map[string]route
	streams sync.WaitGroup

	mu        sync.Mutex
	conns     map[*conn]struct{}
	connected int
	silent    bool
	twice     bool
	closed    bool
	refuse    bool
	windows   map[string]*window
	ticks     map[string][]tick
	told      map[string]trading.Price
	restarted time.Time
}

// New serves an account.
func New(core *exchangesim.Core, o Options) *Server {
	if o.ClosedCache == 0 {
		o.ClosedCache = 500
	}
	s := &Server{
		core: core, cfg: core.Config(), o: o, conns: map[*conn]struct{}{}, windows: map[string]*window{}, ticks: map[string][]tick{},
		told: map[string]trading.Price{},
	}
	s.routes = s.paths()
	// A log that cannot be read now could not be opened before; what is missing then is old candles.
	past, _ := exchangesim.ReadLog(s.cfg.Log)
	for _, e := range past {
		if e.Priced != nil {
			s.ticks[e.Priced.Symbol] = append(s.ticks[e.Priced.Symbol], tick{e.At, e.Priced.Mark})
		}
	}
	s.stop = core.Subscribe(s.tell)
	return s
}

// Close ends the streams and waits for them. The account stays open.
func (s *Server) Close() {
	s.stop()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.DropStreams()
	s.streams.Wait()
}

// DropStreams cuts every stream without a word.
func (s *Server) DropStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.ws.Close()
	}
	clear(s.conns)
}

// Streams is how many private streams are logged in and subscribed.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.conns {
		if c.login && len(c.topics) > 0 {
			n++
		}
	}
	return n
}

// SetSilent keeps every stream open but says nothing on it, not even a pong.
func (s *Server) SetSilent(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = silent
}

// SetTwice says every event twice.
func (s *Server) SetTwice(twice bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twice = twice
}

// SetRefused refuses new streams.
func (s *Server) SetRefused(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// Restart makes order/realtime forget every order that has ended, as a restart of the real one does.
func (s *Server) Restart() {
	s.mu.Lock()
	s.restarted = s.cfg.Now()
	s.mu.Unlock()
	s.DropStreams()
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/v5/private", "/v5/public/linear", "/v5/public/spot":
		s.stream(w, r)
	default:
		s.rest(w, r)
	}
}
