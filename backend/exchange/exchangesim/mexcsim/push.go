package mexcsim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// The private channels of the spot stream.
const (
	channelOrders  = "spot@private.orders.v3.api.pb"
	channelDeals   = "spot@private.deals.v3.api.pb"
	channelAccount = "spot@private.account.v3.api.pb"
)

// mostTopics is how many subscriptions one connection may have.
const mostTopics = 30

// hear answers one message; answers are JSON.
func (s *Spot) hear(t *stream, raw []byte) {
	var m struct {
		ID     int      `json:"id"`
		Method string   `json:"method"`
		Params []string `json:"params"`
	}
	say := func(text string) { t.sendJSON(map[string]any{"id": m.ID, "code": 0, "msg": text}) }
	if json.Unmarshal(raw, &m) != nil {
		say("Invalid message")
		return
	}
	switch m.Method {
	case "PING":
		say("PONG")
	case "SUBSCRIPTION":
		var good, bad []string
		for _, topic := range m.Params {
			if s.take(t, topic) {
				good = append(good, topic)
			} else {
				bad = append(bad, topic)
			}
		}
		if len(bad) > 0 {
			say("Not Subscribed successfully! [" + strings.Join(bad, ",") + "].  Reason： Blocked! ")
		}
		if len(good) > 0 {
			say(strings.Join(good, ","))
		}
	case "UNSUBSCRIPTION":
		t.mu.Lock()
		for _, topic := range m.Params {
			delete(t.topics, topic)
		}
		t.mu.Unlock()
		say(strings.Join(m.Params, ","))
	default:
		say("Invalid method")
	}
}

// take subscribes a stream to a topic, if it may hear it.
func (s *Spot) take(t *stream, topic string) bool {
	private := slices.Contains([]string{channelOrders, channelDeals, channelAccount}, topic)
	_, _, public := s.publicTopic(topic)
	if !private && !public || private && !s.alive(t.key) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, had := t.topics[topic]; !had && len(t.topics) >= mostTopics {
		return false
	}
	t.topics[topic] = map[string]bool{}
	t.login = t.login || private
	delete(t.told, topic)
	return true
}

// publicTopic reads a public topic: what it tells, of which symbol.
func (s *Spot) publicTopic(topic string) (what, symbol string, ok bool) {
	parts := strings.Split(topic, "@")
	if len(parts) < 3 || parts[0] != "spot" {
		return "", "", false
	}
	switch parts[1] {
	case "public.aggre.bookTicker.v3.api.pb", "public.kline.v3.api.pb", "public.miniTicker.v3.api.pb":
	default:
		return "", "", false
	}
	for _, part := range parts[2:] {
		if _, known := s.core.Instrument(trading.Spot, part); known {
			return parts[1], part, true
		}
	}
	return "", "", false
}

// look cuts a stream whose keys have ended, that asked for nothing in half a minute or said nothing in a whole one, and
// tells prices that are new.
func (s *Spot) look(t *stream) bool {
	t.mu.Lock()
	now := s.now()
	idle := now.Sub(t.moved) > time.Minute || len(t.topics) == 0 && now.Sub(t.opened) > 30*time.Second || now.Sub(t.opened) > day
	topics := make([]string, 0, len(t.topics))
	for topic := range t.topics {
		topics = append(topics, topic)
	}
	t.mu.Unlock()
	for _, topic := range topics {
		s.tellPrice(t, topic)
	}
	return !idle && (t.key == "" || s.alive(t.key) && !s.keyNow().Revoked)
}

func (s *Spot) tellPrice(t *stream, topic string) {
	what, symbol, ok := s.publicTopic(topic)
	bid, ask, mark, priced := s.core.Quote(trading.Spot, symbol)
	if !ok || !priced {
		return
	}
	i, _ := s.core.Instrument(trading.Spot, symbol)
	body, field, text := &frame{}, 0, fmt.Sprint(bid, ask)
	switch what {
	case "public.aggre.bookTicker.v3.api.pb":
		field = frameBookTicker
		body.text(1, bid.String()).text(2, i.MaxQty.String()).text(3, ask.String()).text(4, i.MaxQty.String())
	case "public.miniTicker.v3.api.pb":
		field = frameMiniTicker
		body.text(1, symbol).text(2, mark.String()).text(3, "0").text(4, "0").text(5, mark.String()).text(6, mark.String()).text(7, "0").text(8, "0")
	default:
		interval := topic[strings.LastIndex(topic, "@")+1:]
		wide, known := width(interval)
		list := s.candles.list(symbol, wide, time.Time{}, time.Time{}, 1)
		if !known || len(list) == 0 {
			return
		}
		k := list[0]
		field, text = frameKline, fmt.Sprint(k)
		body.text(1, interval).number(2, k.start.Unix()).text(3, k.open.String()).text(4, k.close.String()).text(5, k.high.String()).
			text(6, k.low.String()).text(7, "0").text(8, "0").number(9, k.start.Add(wide).Unix())
	}
	if t.fresh(topic, text) {
		at := s.now().UnixMilli()
		t.send(websocket.BinaryMessage, wrap(topic, symbol, at, at, field, body))
	}
}

// publish turns an event of the core into frames.
func (s *Spot) publish(e exchangesim.Event) {
	why := "ENTRUST_PLACE"
	switch {
	case e.Priced != nil:
		s.candles.saw(e.Priced.Symbol, e.Priced.Mark, e.At)
		return
	case e.Cash != nil:
		why = "TRANSFER"
	case e.Order == nil || e.Order.Product != trading.Spot:
		return
	case e.Filled != nil:
		why = "ENTRUST_DEAL"
		s.push(channelDeals, e.Filled.Symbol, e.At, framePrivateDeals, dealFrame(*e.Filled))
	case e.Changed != nil:
		why = "ENTRUST_CANCEL"
	}
	if e.Order != nil {
		s.push(channelOrders, e.Order.Symbol, e.At, framePrivateOrders, orderFrame(*e.Order))
	}
	if e.Order != nil {
		if now, ok := s.core.Find(trading.Spot, e.Order.Symbol, e.Order.ID, ""); ok && now.Status != e.Order.Status {
			// More happened to it, which is told next, and balances are as they are after that.
			return
		}
	}
	s.pushAccount(why, e.At)
}

func (s *Spot) push(channel, symbol string, at time.Time, field int, body *frame) {
	raw := wrap(channel, symbol, at.UnixMilli(), s.now().UnixMilli(), field, body)
	s.each(func(t *stream) {
		if t.wants(channel, "") {
			t.send(websocket.BinaryMessage, raw)
		}
	})
}

func sideNumber(side trading.Side) int64 {
	if side == trading.Sell {
		return 2
	}
	return 1
}

func orderFrame(o exchangesim.Order) *frame {
	_, status := spotStatus(o)
	kind := map[string]int64{"LIMIT": 1, "LIMIT_MAKER": 2, "IMMEDIATE_OR_CANCEL": 3, "FILL_OR_KILL": 4, "MARKET": 5}[spotKind(o)]
	amount := trading.Notional(shownPrice(o), o.Qty)
	if o.QuoteQty.IsPositive() {
		amount = o.QuoteQty
	}
	f := &frame{}
	f.text(1, o.ID).text(2, o.Link).text(3, shownPrice(o).String()).text(4, o.Qty.String()).text(5, amount.String()).text(6, o.Average().String()).
		number(7, kind).number(8, sideNumber(o.Side)).flag(9, o.Kind.Priced() && o.TIF == exchangesim.PostOnly).
		text(10, amount.Sub(o.Cost).Max(trading.Money{}).String()).text(11, o.Open().String()).text(13, o.Filled.String()).text(14, o.Cost.String()).
		number(15, status).number(16, o.CreatedAt.UnixMilli())
	return f
}

func dealFrame(x exchangesim.Execution) *frame {
	f := &frame{}
	f.text(1, x.Price.String()).text(2, x.Qty.String()).text(3, trading.Notional(x.Price, x.Qty).String()).number(4, sideNumber(x.Side)).
		flag(5, x.Maker).flag(6, false).text(7, x.ID).text(8, x.Link).text(9, x.OrderID).text(10, x.Fee.String()).text(11, x.FeeAsset).number(12, x.At.UnixMilli())
	return f
}

// pushAccount tells every asset that is another than it was told last.
func (s *Spot) pushAccount(why string, at time.Time) {
	all := s.core.Balances()
	s.mu.Lock()
	before := s.told
	s.told = all
	s.mu.Unlock()
	var names []string
	for asset, now := range all {
		if was := before[asset]; !now[0].Equal(was[0]) || !now[1].Equal(was[1]) {
			names = append(names, asset)
		}
	}
	slices.Sort(names)
	for _, asset := range names {
		now, was := all[asset], before[asset]
		locked, wasLocked := now[0].Sub(now[1]), was[0].Sub(was[1])
		f := &frame{}
		f.text(1, asset).text(2, asset).text(3, now[1].String()).text(4, now[1].Sub(was[1]).String()).text(5, locked.String()).
			text(6, locked.Sub(wasLocked).String()).text(7, why).number(8, at.UnixMilli())
		s.push(channelAccount, "", at, framePrivateAccount, f)
	}
}
