package binancesim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Server is what both products share: one origin with its routes, limits and streams.
type Server struct {
	core    *exchangesim.Core
	product trading.Product
	routes  map[string]route
	words   map[exchangesim.Why]*refusal
	// door says what a WebSocket path leads to.
	door func(r *http.Request) (*socket, bool)
	// passes is told that time has gone on.
	passes func(now time.Time)
	stop   func()
	open   sync.WaitGroup

	// mu guards what follows. It is never held while the core is asked to do something, because the core tells what
	// happened before it answers.
	mu      sync.Mutex
	opt     Options
	limits  *limits
	sockets map[*socket]bool
	silent  bool
	updates int64
	// links counts the client ids that the exchange made up.
	links int
	// replayed are the signatures that have logged a stream in.
	replayed map[string]bool
	events   func(map[string]any) []any
	closed   bool
}

// security says what a route asks for.
type security int

const (
	open security = iota
	keyed
	reads
	trades
)

// route is one call: what it asks for, what it weighs and how many orders it counts as.
type route struct {
	security security
	weight   int
	orders   int
	// takes lists the parameters that are known; any other is refused. Empty takes anything.
	takes string
	do    func(q *request) (any, *refusal)
}

// setup readies what both products share.
func (s *Server) setup(core *exchangesim.Core, product trading.Product, o Options, l *limits) {
	s.core, s.product, s.opt, s.limits = core, product, o, l
	s.sockets, s.replayed = map[*socket]bool{}, map[string]bool{}
}

// now is the exchange's time.
func (s *Server) now() time.Time {
	if s.opt.Now != nil {
		return s.opt.Now()
	}
	return s.core.Config().Now()
}

// ServeHTTP answers one request, or keeps one stream until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.stream(w, r)
		return
	}
	q, err := readRequest(r, s.now())
	if err != nil {
		return
	}
	s.Tick()
	placing := q.method == http.MethodPost && placePaths[q.path]
	if placing {
		s.core.CountCreate(q.link())
	}
	q.fault = s.core.Fault(q.path, q.link())
	if q.fault.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	if q.fault.Banned {
		q.fault.Status, q.fault.Refuse = http.StatusTeapot, true
	}
	var result any
	var bad *refusal
	if !q.fault.Refuse || q.exempt() {
		result, bad = s.act(q, w.Header())
		if q.fault.Twice {
			result, bad = s.act(q, w.Header())
		}
	}
	s.reply(w, r, q, result, bad)
}

// placePaths are the calls that make an order.
var placePaths = map[string]bool{
	"/api/v3/order": true, "/api/v3/orderList/oco": true, "/api/v3/orderList/otoco": true, "/fapi/v1/order": true, "/fapi/v1/algoOrder": true,
}

// act checks a request in the exchange's order (limits, route, key, parameters, signature, time) and carries it out.
func (s *Server) act(q *request, h http.Header) (any, *refusal) {
	h.Set("X-Mbx-Uuid", "00000000-0000-4000-8000-000000000000")
	way, known := s.routes[q.method+" "+q.path]
	s.mu.Lock()
	bad := s.limits.weigh(way.weight, q.now, h)
	s.mu.Unlock()
	switch {
	case bad != nil:
		return nil, bad
	case !known:
		return nil, &refusal{status: http.StatusNotFound, code: -5000, msg: "Path " + q.path + ", Method " + q.method + " is invalid"}
	case q.broken:
		return nil, no(-1100, "Illegal characters found in a parameter.")
	case q.twice:
		return nil, no(-1101, "Duplicate values for a parameter detected.")
	}
	if bad := s.permit(way, q); bad != nil {
		return nil, bad
	}
	if bad := way.unread(q); bad != nil {
		return nil, bad
	}
	if way.orders > 0 {
		s.mu.Lock()
		bad := s.limits.order(way.orders, q.now, h)
		s.mu.Unlock()
		if bad != nil {
			return nil, bad
		}
	}
	return way.do(q)
}

// permit refuses who may not.
func (s *Server) permit(way route, q *request) *refusal {
	if way.security == open {
		return nil
	}
	if bad := s.checkKey(q.key); bad != nil {
		return bad
	}
	if way.security != keyed {
		if bad := s.checkSignature(q); bad != nil {
			return bad
		}
	}
	p := s.permissions()
	expired := !p.Expires.IsZero() && !q.now.Before(p.Expires)
	switch {
	case p.Revoked, p.NoFutures && s.product == trading.Linear, way.security == trades && (p.NoTrading || expired):
		return badKey
	}
	return nil
}

// unread refuses a parameter that nobody would have looked at.
func (way route) unread(q *request) *refusal {
	if way.takes == "" {
		return nil
	}
	known := strings.Fields(way.takes)
	known = append(known, "timestamp", "recvWindow", "signature")
	count := 0
	for _, n := range q.names {
		if slices.Contains(known, n) {
			count++
		}
	}
	if count == len(q.names) {
		return nil
	}
	return no(-1104, "Not all sent parameters were read; read '"+itoa(count)+"' parameter(s) but was sent '"+itoa(len(q.names))+"'.")
}

// Tick lets happen what only time brings: listen keys that run out, countdowns that end, connections of a day. It is
// called with every request and every second of a stream; a test that moves the clock may call it itself.
func (s *Server) Tick() {
	now := s.now()
	s.mu.Lock()
	for k := range s.sockets {
		if now.Sub(k.opened) >= 24*time.Hour {
			k.cut()
		}
	}
	s.mu.Unlock()
	if s.passes != nil {
		s.passes(now)
	}
}

// DropStreams cuts every stream without a word.
func (s *Server) DropStreams() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.sockets {
		k.cut()
	}
}

// Streams is how many user streams are open and logged in.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for k := range s.sockets {
		if k.user {
			n++
		}
	}
	return n
}

// Topics is how many public streams are subscribed to, over all connections.
func (s *Server) Topics() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for k := range s.sockets {
		n += len(k.topics)
	}
	return n
}

// SetSilent makes every stream half-open: connected, but nothing is said, answered or pinged any more. What would have
// been said meanwhile is lost.
func (s *Server) SetSilent(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silent = silent
}

// SetEvents decides what becomes of every event on its way to the user streams: nothing (lost), itself, itself twice,
// others. Nil lets all pass. It is called one at a time and must not keep the event.
func (s *Server) SetEvents(f func(event map[string]any) []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = f
}

// sent is what becomes of an event. The mutex is held.
func (s *Server) sent(event map[string]any) []any {
	if s.events == nil {
		return []any{event}
	}
	return s.events(event)
}

// later runs what the core's subscriber may not do itself, and is waited for by Close.
func (s *Server) later(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.open.Add(1)
	go func() {
		defer s.open.Done()
		f()
	}()
}

// Close cuts the streams, waits for them and listens to the core no more.
func (s *Server) Close() {
	s.stop()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.DropStreams()
	s.open.Wait()
}

// newLink makes up a client id for a request that brought none.
func (s *Server) newLink() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links++
	return "sim" + strconv.FormatInt(s.now().UnixMilli(), 10) + "n" + strconv.Itoa(s.links)
}

// notice tells what is the same for both products: prices.
func (s *Server) notice(e exchangesim.Event) {
	if e.Priced != nil {
		s.priced(e.Priced.Symbol)
	}
}

// clientID is the client id that rows show: one that we were given, or what Binance writes for orders of its own.
func clientID(o exchangesim.Order) string {
	switch {
	case o.Link != "":
		return o.Link
	case o.StopType == "Liquidation":
		return "autoclose-" + o.ID
	case o.StopType == "ADL":
		return "adl_autoclose"
	}
	return "web_" + o.ID
}

// word is the status of an order in Binance's words, those of conditional books aside.
func word(o exchangesim.Order) string {
	switch o.Status {
	case exchangesim.PartiallyFilled:
		return "PARTIALLY_FILLED"
	case exchangesim.Filled:
		return "FILLED"
	case exchangesim.Rejected:
		return "REJECTED"
	case exchangesim.Canceled, exchangesim.Expired:
		switch o.Reason {
		case exchangesim.ReasonNoMatch, exchangesim.ReasonGroup, exchangesim.ReasonFlat, exchangesim.ReasonReduceOnly, exchangesim.ReasonNoMoney, exchangesim.ReasonWouldTake:
			return "EXPIRED"
		}
		if o.Status == exchangesim.Expired {
			return "EXPIRED"
		}
		return "CANCELED"
	}
	return "NEW"
}

func sideWord(s trading.Side) string {
	if s == trading.Sell {
		return "SELL"
	}
	return "BUY"
}
