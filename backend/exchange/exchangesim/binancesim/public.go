package binancesim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
)

// subscribe carries out one message of a public stream. A stream that does not exist is acknowledged like any other.
func (s *Server) subscribe(k *socket, raw []byte) {
	var m struct {
		Method string          `json:"method"`
		Params []string        `json:"params"`
		ID     json.RawMessage `json:"id"`
	}
	if json.Unmarshal(raw, &m) != nil {
		k.say(map[string]any{"error": map[string]any{"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"}})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var result any
	switch m.Method {
	case "SUBSCRIBE":
		for _, t := range m.Params {
			k.topics[t] = true
		}
	case "UNSUBSCRIBE":
		for _, t := range m.Params {
			delete(k.topics, t)
		}
	case "LIST_SUBSCRIPTIONS":
		list := []string{}
		for t := range k.topics {
			list = append(list, t)
		}
		slices.Sort(list)
		result = list
	default:
		k.say(map[string]any{"error": map[string]any{"code": 2, "msg": "Invalid request: unknown variant `" + m.Method + "`"}})
		return
	}
	if len(m.ID) == 0 {
		m.ID = json.RawMessage("null")
	}
	k.say(map[string]any{"result": result, "id": m.ID})
	if m.Method == "SUBSCRIBE" {
		for _, t := range m.Params {
			s.tell(k, t)
		}
	}
}

// topic is a stream's name taken apart: "btcusdt@kline_1m".
type topic struct {
	// symbol is upper case, "" for all symbols.
	symbol, kind, interval string
}

func readTopic(name string) (topic, bool) {
	if all, ok := strings.CutPrefix(name, "!"); ok {
		kind, _, _ := strings.Cut(all, "@")
		return topic{kind: kind}, true
	}
	symbol, kind, ok := strings.Cut(name, "@")
	if !ok || symbol != strings.ToLower(symbol) {
		return topic{}, false
	}
	kind, _, _ = strings.Cut(kind, "@")
	kind, interval, _ := strings.Cut(kind, "_")
	return topic{strings.ToUpper(symbol), kind, interval}, true
}

// on tells which part of the origin speaks of a kind.
func (t topic) on(p part) bool {
	switch p {
	case partAll, partEverything:
		return true
	case partPublic:
		return t.kind == "bookTicker"
	case partMarket:
		return t.kind != "bookTicker"
	}
	return false
}

// tell says what there is to say now about one topic of a socket. The server's mutex is held.
func (s *Server) tell(k *socket, name string) {
	t, ok := readTopic(name)
	if !ok || !t.on(k.part) || s.silent {
		return
	}
	if t.symbol != "" {
		if row, ok := s.priceRow(k, name, t); ok {
			k.hear(name, row)
		}
		return
	}
	var list []any
	for _, i := range s.core.Instruments(s.product) {
		if row, ok := s.priceRow(k, name, topic{i.Symbol, t.kind, t.interval}); ok {
			list = append(list, row)
		}
	}
	if t.kind == "bookTicker" {
		for _, row := range list {
			k.hear(name, row)
		}
	} else if len(list) > 0 {
		k.hear(name, list)
	}
}

func (k *socket) hear(name string, row any) {
	if k.combined {
		row = map[string]any{"stream": name, "data": row}
	}
	k.say(row)
}

// priced tells every socket that a price changed.
func (s *Server) priced(symbol string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.sockets {
		for name := range k.topics {
			if t, ok := readTopic(name); ok && (t.symbol == symbol || t.symbol == "") {
				s.tell(k, name)
			}
		}
	}
}

// beat repeats what the exchange repeats without a change.
func (s *Server) beat(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range k.topics {
		if t, ok := readTopic(name); ok && t.kind != "bookTicker" {
			s.tell(k, name)
		}
	}
}

// priceRow is one message of a stream.
func (s *Server) priceRow(k *socket, name string, t topic) (any, bool) {
	i, known := s.core.Instrument(s.product, t.symbol)
	bid, ask, mark, priced := s.core.Quote(s.product, t.symbol)
	if !known || !priced {
		return nil, false
	}
	s.updates++
	now := s.now().UnixMilli()
	switch t.kind {
	case "bookTicker":
		row := map[string]any{"u": s.updates, "s": t.symbol, "b": s.price(i, bid), "B": s.qty(i, bookQty), "a": s.price(i, ask), "A": s.qty(i, bookQty)}
		if s.product == trading.Linear {
			row["e"], row["E"], row["T"] = "bookTicker", now, now
		}
		return row, true
	case "markPrice":
		return map[string]any{"e": "markPriceUpdate", "E": now, "s": t.symbol, "p": mark.Fixed(8), "ap": mark.Fixed(8), "P": mark.Fixed(8),
			"i": mark.Fixed(8), "r": "0.00010000", "T": nextFunding(s.now()).UnixMilli()}, s.product == trading.Linear
	case "miniTicker":
		last := s.price(i, bid)
		return map[string]any{"e": "24hrMiniTicker", "E": now, "s": t.symbol, "c": last, "o": last, "h": last, "l": last, "v": "0", "q": "0"}, true
	case "kline":
		return s.klineRow(k, name, t, s.price(i, bid))
	}
	return nil, false
}

// klineRow is the running bar; the first message of a new bar is preceded by the last of the old one, closed.
func (s *Server) klineRow(k *socket, name string, t topic, price string) (any, bool) {
	length, ok := intervals[t.interval]
	if !ok {
		return nil, false
	}
	now := s.now()
	start := now.Truncate(length).UnixMilli()
	row := func(start int64, closed bool) any {
		return map[string]any{"e": "kline", "E": now.UnixMilli(), "s": t.symbol, "k": map[string]any{
			"t": start, "T": start + length.Milliseconds() - 1, "s": t.symbol, "i": t.interval, "f": -1, "L": -1, "o": price, "c": price,
			"h": price, "l": price, "v": "0", "n": 0, "x": closed, "q": "0", "V": "0", "Q": "0", "B": "0"}}
	}
	if before, had := k.bars[name]; had && before < start {
		k.hear(name, row(before, true))
	}
	k.bars[name] = start
	return row(start, false), true
}

// intervals are the lengths of bars that we know.
var intervals = map[string]time.Duration{
	"1s": time.Second, "1m": time.Minute, "3m": 3 * time.Minute, "5m": 5 * time.Minute, "15m": 15 * time.Minute, "30m": 30 * time.Minute,
	"1h": time.Hour, "2h": 2 * time.Hour, "4h": 4 * time.Hour, "6h": 6 * time.Hour, "8h": 8 * time.Hour, "12h": 12 * time.Hour, "1d": 24 * time.Hour,
}

// nextFunding is the next of the hours 0, 8 and 16.
func nextFunding(now time.Time) time.Time { return now.Truncate(8 * time.Hour).Add(8 * time.Hour) }

// bookQty is what stands at the touch of every book.
var bookQty = trading.MustQty("10")
