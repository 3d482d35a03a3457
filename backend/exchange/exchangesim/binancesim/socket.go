package binancesim

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/trading"
)

// part is which streams a path leads to: what is subscribed on the wrong one is acknowledged and stays silent.
type part string

const (
	partAll     part = "all"
	partPublic  part = "public"
	partMarket  part = "market"
	partPrivate part = "private"
	partAPI     part = "api"
	// partEverything is the one path of the old testnet.
	partEverything part = "everything"
)

// socket is one WebSocket. All but its connection is guarded by its server's mutex.
type socket struct {
	conn *websocket.Conn
	out  chan frame
	gone chan struct{}
	once sync.Once

	part     part
	combined bool
	topics   map[string]bool
	bars     map[string]int64
	// user tells that account events go to it: of subscription (spot) or listen key (futures), of the kinds in allow
	// when that is not nil.
	user         bool
	key          string
	subscription int
	allow        map[string]bool

	opened     time.Time
	unanswered int
	second     time.Time
	said       int
}

type frame struct {
	kind int
	data []byte
}

const (
	// backlog is how many frames may wait for a client that does not read.
	backlog = 4096
	// patientPings is how many pings in a row may stay unanswered.
	patientPings = 3
	mostMessage  = 1 << 16
)

func (k *socket) cut() { k.once.Do(func() { close(k.gone) }) }

// put queues a frame; a client that reads too slowly is cut.
func (k *socket) put(kind int, data []byte) {
	select {
	case k.out <- frame{kind, data}:
	default:
		k.cut()
	}
}

func (k *socket) say(row any) {
	raw, err := json.Marshal(row)
	if err != nil {
		panic(err)
	}
	k.put(websocket.TextMessage, raw)
}

// stream is one WebSocket from its first byte to its last.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	f := s.core.Fault(r.URL.Path, "")
	if f.LoseRequest || f.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		s.page(w, f)
		return
	}
	k, known := s.door(r)
	if !known {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	k.conn, k.out, k.gone = conn, make(chan frame, backlog), make(chan struct{})
	k.opened, k.bars = s.now(), map[string]int64{}
	if k.topics == nil {
		k.topics = map[string]bool{}
	}
	conn.SetReadLimit(mostMessage)
	s.answerPings(k)
	if !s.enter(k) {
		conn.Close()
		return
	}
	defer s.open.Done()
	var writing sync.WaitGroup
	writing.Add(1)
	go func() {
		defer writing.Done()
		s.write(k)
	}()
	s.listen(k)
	k.cut()
	writing.Wait()
	s.mu.Lock()
	delete(s.sockets, k)
	s.mu.Unlock()
}

// enter makes a socket known, with the present state of what it subscribed to by its path.
func (s *Server) enter(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.open.Add(1)
	s.sockets[k] = true
	for t := range k.topics {
		s.tell(k, t)
	}
	return true
}

func (s *Server) answerPings(k *socket) {
	k.conn.SetPingHandler(func(data string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.silent {
			k.put(websocket.PongMessage, []byte(data))
		}
		return nil
	})
	k.conn.SetPongHandler(func(string) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		k.unanswered = 0
		return nil
	})
}

// write sends what is queued, pings, and repeats the prices every second; it closes the connection when it ends.
func (s *Server) write(k *socket) {
	defer k.conn.Close()
	pings := time.NewTicker(s.pingEvery())
	defer pings.Stop()
	beats := time.NewTicker(time.Second)
	defer beats.Stop()
	for {
		select {
		case <-k.gone:
			return
		case f := <-k.out:
			if !s.quiet() && k.conn.WriteMessage(f.kind, f.data) != nil {
				return
			}
		case <-pings.C:
			if !s.ping(k) {
				return
			}
		case <-beats.C:
			s.Tick()
			s.beat(k)
		}
	}
}

func (s *Server) pingEvery() time.Duration {
	switch {
	case s.opt.Ping > 0:
		return s.opt.Ping
	case s.product == trading.Spot:
		return 20 * time.Second
	}
	return 3 * time.Minute
}

func (s *Server) quiet() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.silent
}

// ping asks whether the client is there; false when it left too many pings unanswered.
func (s *Server) ping(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return true
	}
	if k.unanswered++; k.unanswered > patientPings {
		return false
	}
	k.put(websocket.PingMessage, []byte(itoa(int(s.now().UnixMilli()))))
	return true
}

// listen reads what the client says until it is gone.
func (s *Server) listen(k *socket) {
	for {
		kind, raw, err := k.conn.ReadMessage()
		if err != nil {
			return
		}
		if s.quiet() || kind != websocket.TextMessage {
			continue
		}
		if s.tooFast(k) {
			return
		}
		if k.part == partAPI {
			s.apiFrame(k, raw)
		} else {
			s.subscribe(k, raw)
		}
	}
}

// tooFast counts what a client says in a second: five messages on spot, ten on futures.
func (s *Server) tooFast(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, most := s.now(), 10
	if s.product == trading.Spot {
		most = 5
	}
	if now.Sub(k.second) >= time.Second || now.Before(k.second) {
		k.second, k.said = now, 0
	}
	k.said++
	return k.said > most && k.part != partAPI
}
