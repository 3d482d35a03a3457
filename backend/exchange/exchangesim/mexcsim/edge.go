package mexcsim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// personal are the private topics of the futures stream.
var personal = []string{"order", "order.deal", "position", "asset", "plan.order", "stop.planorder", "position.mode"}

// word is one message of a futures client.
type word struct {
	Method    string          `json:"method"`
	Subscribe *bool           `json:"subscribe"`
	Param     json.RawMessage `json:"param"`
}

// param is what the messages carry, all in one.
type param struct {
	APIKey    string      `json:"apiKey"`
	ReqTime   json.Number `json:"reqTime"`
	Signature string      `json:"signature"`
	Subscribe *bool       `json:"subscribe"`
	Filters   []struct {
		Filter string   `json:"filter"`
		Rules  []string `json:"rules"`
	} `json:"filters"`
	Symbol   string `json:"symbol"`
	Interval string `json:"interval"`
}

func (s *Futures) say(t *stream, channel string, data any) {
	t.sendJSON(map[string]any{"channel": channel, "data": data, "ts": s.now().UnixMilli()})
}

func (s *Futures) tell(t *stream, channel, symbol string, data any) {
	t.sendJSON(map[string]any{"channel": channel, "data": data, "symbol": symbol, "ts": s.now().UnixMilli()})
}

// hear answers one message.
func (s *Futures) hear(t *stream, raw []byte) {
	var w word
	var p param
	if json.Unmarshal(raw, &w) != nil || len(w.Param) > 0 && json.Unmarshal(w.Param, &p) != nil {
		s.say(t, "rs.error", "Invalid message")
		return
	}
	topic, subscribes := strings.CutPrefix(w.Method, "sub.")
	ended, unsubscribes := strings.CutPrefix(w.Method, "unsub.")
	switch {
	case w.Method == "ping":
		s.say(t, "pong", s.now().UnixMilli())
	case w.Method == "login":
		s.login(t, w, p)
	case w.Method == "personal.filter":
		s.filter(t, p)
	case subscribes && slices.Contains([]string{"ticker", "tickers", "kline", "fair.price", "index.price", "funding.rate", "deal", "depth"}, topic):
		t.subscribe(publicTopic(topic, p), p.Symbol)
		s.say(t, "rs.sub."+topic, "success")
	case unsubscribes:
		t.unsubscribe(publicTopic(ended, p), p.Symbol)
		s.say(t, "rs.unsub."+ended, "success")
	default:
		s.say(t, "rs.error", "Invalid method: "+w.Method)
	}
}

func publicTopic(topic string, p param) string {
	if topic == "kline" {
		return "kline." + p.Interval
	}
	return topic
}

func (t *stream) subscribe(topic, symbol string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.topics[topic] == nil {
		t.topics[topic] = map[string]bool{}
	}
	if symbol != "" {
		t.topics[topic][symbol] = true
	}
	delete(t.told, topic+symbol)
}

func (t *stream) unsubscribe(topic, symbol string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.topics[topic], symbol)
	if len(t.topics[topic]) == 0 {
		delete(t.topics, topic)
	}
}

// login checks key, time and signature. Unless the client says otherwise, everything private is told from then on.
func (s *Futures) login(t *stream, w word, p param) {
	cfg, key := s.core.Config(), s.keyNow()
	at, err := p.ReqTime.Int64()
	late := s.now().UnixMilli() - at
	switch {
	case p.APIKey != cfg.Key || key.Revoked || key.Expired || key.NoRead || key.WrongIP:
		s.say(t, "rs.error", "Api key does not exist")
	case err != nil || late > 10_000 || -late > 10_000:
		s.say(t, "rs.error", "Invalid request time")
	case !signed(cfg.Secret, cfg.Key+p.ReqTime.String(), p.Signature):
		s.say(t, "rs.error", "Signature verification failed!")
	default:
		floods := !(w.Subscribe != nil && !*w.Subscribe || p.Subscribe != nil && !*p.Subscribe)
		t.mu.Lock()
		t.login = true
		for _, topic := range personal {
			if floods {
				t.topics[topic] = map[string]bool{}
			}
		}
		t.mu.Unlock()
		s.say(t, "rs.login", "success")
	}
}

// filter names the private topics that are told, instead of those before; no filter at all is every topic.
func (s *Futures) filter(t *stream, p param) {
	t.mu.Lock()
	if !t.login {
		t.mu.Unlock()
		s.say(t, "rs.error", "Not logged in")
		return
	}
	for _, topic := range personal {
		delete(t.topics, topic)
		if len(p.Filters) == 0 {
			t.topics[topic] = map[string]bool{}
		}
	}
	for _, f := range p.Filters {
		t.topics[f.Filter] = map[string]bool{}
		for _, symbol := range f.Rules {
			t.topics[f.Filter][symbol] = true
		}
	}
	t.mu.Unlock()
	s.say(t, "rs.personal.filter", "success")
}

// look cuts a stream that said nothing for a minute or whose key was revoked, and tells prices that are new.
func (s *Futures) look(t *stream) bool {
	revoked := s.keyNow().Revoked
	t.mu.Lock()
	idle := s.now().Sub(t.moved) > time.Minute || t.login && revoked
	wanted := map[string][]string{}
	for topic, symbols := range t.topics {
		wanted[topic] = nil
		for symbol := range symbols {
			wanted[topic] = append(wanted[topic], symbol)
		}
	}
	t.mu.Unlock()
	for topic, symbols := range wanted {
		for _, symbol := range symbols {
			s.tellPrice(t, topic, symbol)
		}
		if topic == "tickers" {
			s.tellAll(t)
		}
	}
	return !idle
}

func (s *Futures) tellPrice(t *stream, topic, symbol string) {
	bid, ask, mark, ok := s.core.Quote(trading.Linear, symbol)
	interval, isKline := strings.CutPrefix(topic, "kline.")
	if !ok || slices.Contains(personal, topic) || !isKline && !t.fresh(topic+symbol, fmt.Sprint(bid, ask, mark)) {
		return
	}
	switch {
	case topic == "ticker":
		row, _ := s.ticker(symbol)
		s.tell(t, "push.ticker", symbol, row)
	case topic == "fair.price", topic == "index.price":
		s.tell(t, "push."+topic, symbol, map[string]any{"symbol": symbol, "price": figure(mark)})
	case isKline:
		s.tellCandle(t, topic, interval, symbol)
	}
}

func (s *Futures) tellCandle(t *stream, topic, interval, symbol string) {
	wide, ok := width(interval)
	list := s.candles.list(symbol, wide, time.Time{}, time.Time{}, 1)
	if !ok || len(list) == 0 {
		return
	}
	k := list[0]
	if !t.fresh(topic+symbol, fmt.Sprint(k)) {
		return
	}
	o, h, l, c := figure(k.open), figure(k.high), figure(k.low), figure(k.close)
	s.tell(t, "push.kline", symbol, map[string]any{
		"symbol": symbol, "interval": interval, "t": k.start.Unix(), "o": o, "h": h, "l": l, "c": c, "ro": o, "rh": h, "rl": l, "rc": c, "a": 0, "q": 0,
	})
}

func (s *Futures) tellAll(t *stream) {
	var rows []any
	text := ""
	for _, i := range s.core.Instruments(trading.Linear) {
		if row, ok := s.ticker(i.Symbol); ok {
			rows, text = append(rows, row), text+fmt.Sprint(row["bid1"], row["ask1"])
		}
	}
	if len(rows) > 0 && t.fresh("tickers", text) {
		t.sendJSON(map[string]any{"channel": "push.tickers", "data": rows, "ts": s.now().UnixMilli()})
	}
}

// publish turns an event of the core into frames.
func (s *Futures) publish(e exchangesim.Event) {
	push := func(topic, symbol string, data any) {
		s.each(func(t *stream) {
			if t.wants(topic, symbol) {
				s.tell(t, "push.personal."+topic, symbol, data)
			}
		})
	}
	moved := ""
	switch {
	case e.Priced != nil:
		s.candles.saw(e.Priced.Symbol, e.Priced.Mark, e.At)
		return
	case e.Set != nil:
		if e.Set.Name == "hedge" {
			push("position.mode", "", map[string]any{"positionMode": s.modeNow()})
		}
		return
	case e.Order != nil && e.Order.Product == trading.Linear:
		moved = e.Order.Symbol
		if e.Filled != nil {
			push("order.deal", moved, s.dealRow(*e.Filled, true))
			for _, l := range s.livesUntil(e.Filled.Seq) {
				if l.last == e.Filled.ID {
					push("position", moved, s.positionRow(l))
				}
			}
		}
		s.pushOrder(*e.Order, push)
	case e.Funding != nil:
		moved = e.Funding.Symbol
		for _, l := range s.lives() {
			if l.Symbol == moved && l.Slot == e.Funding.Slot && l.over.IsZero() {
				push("position", moved, s.positionRow(l))
			}
		}
	case e.Cash != nil:
		push("asset", "", s.assetRow(e.Cash.Asset))
	}
	if i, ok := s.core.Instrument(trading.Linear, moved); ok {
		push("asset", "", s.assetRow(i.Quote))
	}
}

func (s *Futures) pushOrder(o exchangesim.Order, push func(topic, symbol string, data any)) {
	switch {
	case isPlan(o):
		push("plan.order", o.Symbol, s.planRow(o))
	case isGuard(o):
		push("stop.planorder", o.Symbol, s.guardRow(s.guardOf(o)))
	}
	if !s.aside(o) {
		push("order", o.Symbol, s.orderRow(o))
	}
}
