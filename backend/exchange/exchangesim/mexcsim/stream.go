package mexcsim

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// beat is how often a stream looks at the clock and at prices.
const beat = 20 * time.Millisecond

// packet is one frame on its way out.
type packet struct {
	kind int
	raw  []byte
}

// stream is one WebSocket connection. Everything it says goes through one queue, so that an answer never overtakes an event.
type stream struct {
	conn *websocket.Conn
	out  chan packet
	gone chan struct{}
	hub  *streams

	mu sync.Mutex
	// login is set once it may hear private things; key is the listen key it came with.
	login bool
	key   string
	// topics are what it asked for, with the symbols it wants (nil is all).
	topics map[string]map[string]bool
	// told is the price that was told last on a public topic.
	told map[string]string
	// opened and moved are when it began and when a byte last came or went.
	opened, moved time.Time
}

// streams is every connection of one façade.
type streams struct {
	now func() time.Time

	mu     sync.Mutex
	open   map[*stream]bool
	silent bool
	closed bool
	served sync.WaitGroup
}

// service is what a façade does with its streams: it hears a message, and looks around at every beat. A beat that answers
// false ends the stream.
type service interface {
	hear(s *stream, raw []byte)
	look(s *stream) bool
}

// serve is one stream from its beginning to its end.
func (h *streams) serve(w http.ResponseWriter, r *http.Request, key string, does service) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	s := &stream{
		conn: conn, out: make(chan packet, 4096), gone: make(chan struct{}), hub: h, key: key,
		topics: map[string]map[string]bool{}, told: map[string]string{}, opened: h.now(), moved: h.now(),
	}
	if !h.enter(s) {
		conn.Close()
		return
	}
	defer h.served.Done()
	conn.SetPingHandler(func(data string) error {
		if h.quiet() {
			return nil
		}
		s.touch()
		return conn.WriteControl(websocket.PongMessage, []byte(data), time.Time{})
	})
	var writing sync.WaitGroup
	writing.Go(func() { s.write(does) })
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			break
		}
		if h.quiet() {
			continue
		}
		s.touch()
		does.hear(s, raw)
	}
	h.mu.Lock()
	delete(h.open, s)
	h.mu.Unlock()
	close(s.gone)
	writing.Wait()
	conn.Close()
}

// enter makes a stream known, unless nobody would wait for it any more.
func (h *streams) enter(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.served.Add(1)
	h.open[s] = true
	return true
}

// shut lets no stream in from now on.
func (h *streams) shut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
}

// write sends what is queued until the stream is gone.
func (s *stream) write(does service) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-s.gone:
			return
		case p := <-s.out:
			if s.conn.WriteMessage(p.kind, p.raw) != nil {
				s.conn.Close()
				return
			}
		case <-ticker.C:
			if !does.look(s) {
				s.conn.Close()
				return
			}
		}
	}
}

// send queues a frame; a stream that does not read is cut, and one that is silenced hears nothing.
func (s *stream) send(kind int, raw []byte) {
	if s.hub.quiet() {
		return
	}
	select {
	case s.out <- packet{kind, raw}:
	default:
		s.conn.Close()
	}
}

func (s *stream) sendJSON(v any) { s.send(websocket.TextMessage, encode(v)) }

func (s *stream) touch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = s.hub.now()
}

// wants tells whether it asked for a topic, and for the symbol within it.
func (s *stream) wants(topic, symbol string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	symbols, asked := s.topics[topic]
	return asked && (len(symbols) == 0 || symbol == "" || symbols[symbol])
}

// fresh tells whether a text is another than the one that was told last under a name, and remembers it.
func (s *stream) fresh(name, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told[name] == text {
		return false
	}
	s.told[name] = text
	return true
}

func (h *streams) quiet() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.silent
}

// each goes over the streams there are.
func (h *streams) each(f func(*stream)) {
	h.mu.Lock()
	list := make([]*stream, 0, len(h.open))
	for s := range h.open {
		list = append(list, s)
	}
	h.mu.Unlock()
	for _, s := range list {
		f(s)
	}
}

// DropStreams cuts every stream without a word; a client may come back at once.
func (h *streams) DropStreams() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.open {
		s.conn.Close()
		delete(h.open, s)
	}
}

// Streams is how many streams hear private events.
func (h *streams) Streams() int {
	n := 0
	h.each(func(s *stream) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.login && len(s.topics) > 0 {
			n++
		}
	})
	return n
}

// SetSilent leaves the streams open and says nothing on them any more, not even an answer to a ping; what would have been said
// meanwhile is lost.
func (h *streams) SetSilent(silent bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent = silent
}

// encode is JSON of something of ours, which always has one.
func encode(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
