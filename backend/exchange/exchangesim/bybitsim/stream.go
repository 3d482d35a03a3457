package bybitsim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"

	"hoox/backend/trading"
)

// backlog is how many frames a slow client may be behind before it is cut.
const backlog = 4096

// conn is one stream. Its fields are guarded by Server.mu.
type conn struct {
	ws     *websocket.Conn
	out    chan []byte
	id     string
	public string
	login  bool
	topics map[string]bool
}

// stream is one stream from login to end. Nothing is told before it subscribes.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refuse := s.refuse || s.closed
	if !refuse {
		s.streams.Add(1)
	}
	s.mu.Unlock()
	if refuse {
		page(w, http.StatusServiceUnavailable)
		return
	}
	defer s.streams.Done()
	up := websocket.Upgrader{}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	public, _ := strings.CutPrefix(r.URL.Path, "/v5/public/")
	if r.URL.Path == "/v5/private" {
		public = ""
	}
	c := s.enter(ws, public)
	out := c.out
	done := make(chan struct{})
	go func() {
		defer close(done)
		write(ws, out)
	}()
	for {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			break
		}
		s.hear(c, raw)
	}
	s.leave(c)
	ws.Close()
	<-done
}

func (s *Server) enter(ws *websocket.Conn, public string) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected++
	c := &conn{ws: ws, out: make(chan []byte, backlog), id: "conn-" + strconv.Itoa(s.connected), public: public, topics: map[string]bool{}}
	if s.closed {
		ws.Close()
	}
	s.conns[c] = struct{}{}
	return c
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	close(c.out)
	c.out = nil
}

// write sends what there is to say until there is nothing more.
func write(ws *websocket.Conn, out <-chan []byte) {
	for raw := range out {
		if ws.WriteMessage(websocket.TextMessage, raw) != nil {
			ws.Close()
		}
	}
}

// say hands a frame over; Server.mu is held. A client that does not read is cut.
func (s *Server) say(c *conn, frame any) {
	if s.silent || c.out == nil {
		return
	}
	raw, err := json.Marshal(frame)
	if err != nil {
		panic(err)
	}
	select {
	case c.out <- raw:
	default:
		c.ws.Close()
	}
}

// said is a message of a client.
type said struct {
	ID   string            `json:"req_id"`
	Op   string            `json:"op"`
	Args []json.RawMessage `json:"args"`
}

func (s *Server) hear(c *conn, raw []byte) {
	var m said
	if json.Unmarshal(raw, &m) != nil {
		s.answer(c, m, false, "Params Error")
		return
	}
	switch m.Op {
	case "ping":
		s.pong(c, m)
	case "auth":
		right := c.public == "" && s.mayLogin(m.Args)
		s.mu.Lock()
		c.login = right
		s.mu.Unlock()
		if right {
			s.answer(c, m, true, "")
		} else {
			s.answer(c, m, false, "Params Error")
		}
	case "subscribe", "unsubscribe":
		s.subscribe(c, m)
	default:
		s.answer(c, m, false, "op not supported: "+m.Op)
	}
}

func (s *Server) answer(c *conn, m said, success bool, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say(c, object{"success": success, "ret_msg": text, "op": m.Op, "conn_id": c.id, "req_id": m.ID})
}

func (s *Server) pong(c *conn, m said) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.public != "" {
		s.say(c, object{"success": true, "ret_msg": "pong", "conn_id": c.id, "req_id": m.ID, "op": "ping"})
		return
	}
	s.say(c, object{"req_id": m.ID, "op": "pong", "args": []string{strconv.FormatInt(s.cfg.Now().UnixMilli(), 10)}, "conn_id": c.id})
}

// mayLogin checks a login by its own reading of the rules.
func (s *Server) mayLogin(args []json.RawMessage) bool {
	var key, signature string
	var expires int64
	if len(args) != 3 || json.Unmarshal(args[0], &key) != nil || json.Unmarshal(args[1], &expires) != nil || json.Unmarshal(args[2], &signature) != nil {
		return false
	}
	return key == s.cfg.Key && expires > s.cfg.Now().UnixMilli() && signature == mac(s.cfg.Secret, "GET/realtime"+strconv.FormatInt(expires, 10))
}

// subscribe takes topics all or none. Registered before it is answered, so that nothing falls between the two.
func (s *Server) subscribe(c *conn, m said) {
	var topics []string
	for _, raw := range m.Args {
		var topic string
		if json.Unmarshal(raw, &topic) != nil {
			s.answer(c, m, false, "Params Error")
			return
		}
		topics = append(topics, topic)
	}
	s.mu.Lock()
	wrong := s.wrongTopic(c, topics)
	if wrong == "" {
		for _, topic := range topics {
			if m.Op == "subscribe" {
				c.topics[topic] = true
			} else {
				delete(c.topics, topic)
			}
		}
	}
	s.mu.Unlock()
	s.answer(c, m, wrong == "", wrong)
	if wrong == "" && c.public != "" && m.Op == "subscribe" {
		for _, topic := range topics {
			s.snapshot(c, topic)
		}
	}
}

// wrongTopic tells what is wrong with topics, "" if nothing is.
func (s *Server) wrongTopic(c *conn, topics []string) string {
	if c.public != "" {
		if c.public == "spot" && len(topics) > 10 {
			return "args size >10"
		}
		for _, topic := range topics {
			parts := strings.Split(topic, ".")
			if _, known := s.core.Instrument(trading.Product(c.public), parts[len(parts)-1]); !known {
				return "error:handler not found,topic:" + topic
			}
		}
		return ""
	}
	if !c.login {
		return "Request not authorized"
	}
	plain, styled := false, false
	for _, topic := range topics {
		name, category, has := strings.Cut(topic, ".")
		if category == "fast" {
			name, has = topic, false
		}
		switch name {
		case "order", "execution", "execution.fast", "position", "wallet":
		default:
			return "error:handler not found,topic:" + topic
		}
		plain, styled = plain || !has, styled || has
	}
	if plain && styled {
		return "Params Error: mixed topics"
	}
	return ""
}
