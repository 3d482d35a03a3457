package binancesim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// span is one counter of the exchange: so much in so long.
type span struct {
	// header is the name that the count is told under.
	header string
	// words are how the limit is told in a refusal and in exchangeInfo.
	kind, interval string
	num            int
	length         time.Duration
	most           int

	until time.Time
	used  int
}

// add counts and tells whether that was too much.
func (c *span) add(n int, now time.Time) bool {
	if !now.Before(c.until) {
		c.used, c.until = 0, now.Truncate(c.length).Add(c.length)
	}
	c.used += n
	return c.used > c.most
}

// limits is what one address and one account have used.
type limits struct {
	weight *span
	orders []*span
	// ignored counts requests that came although 429 was answered; banned is until when 418 is.
	limited time.Time
	ignored int
	banned  time.Time
	bans    int
}

const (
	// patience is how many requests after the first 429 of a minute lead to a ban.
	patience = 10
	firstBan = 2 * time.Minute
	mostBan  = 72 * time.Hour
)

// spotLimits and futuresLimits are the limits as of 2026-11; zero options leave them so.
func spotLimits(o Options) *limits {
	return &limits{weight: &span{header: "X-Mbx-Used-Weight-1m", kind: "REQUEST_WEIGHT", interval: "MINUTE", num: 1, length: time.Minute, most: or(o.Weight, 6000)},
		orders: []*span{
			{header: "X-Mbx-Order-Count-10s", kind: "ORDERS", interval: "SECOND", num: 10, length: 10 * time.Second, most: or(o.Orders, 50)},
			{header: "X-Mbx-Order-Count-1d", kind: "ORDERS", interval: "DAY", num: 1, length: 24 * time.Hour, most: 160000},
		}}
}

func futuresLimits(o Options) *limits {
	return &limits{weight: &span{header: "X-Mbx-Used-Weight-1m", kind: "REQUEST_WEIGHT", interval: "MINUTE", num: 1, length: time.Minute, most: or(o.Weight, 2400)},
		orders: []*span{
			{header: "X-Mbx-Order-Count-10s", kind: "ORDERS", interval: "SECOND", num: 10, length: 10 * time.Second, most: or(o.Orders, 300)},
			{header: "X-Mbx-Order-Count-1m", kind: "ORDERS", interval: "MINUTE", num: 1, length: time.Minute, most: 1200},
		}}
}

func or(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// weigh counts a request of this weight and refuses it when it is one too many.
func (l *limits) weigh(n int, now time.Time, h http.Header) *refusal {
	if now.Before(l.banned) {
		return l.ban(now, h)
	}
	over := l.weight.add(n, now)
	h.Set("X-Mbx-Used-Weight", strconv.Itoa(l.weight.used))
	h.Set(l.weight.header, strconv.Itoa(l.weight.used))
	if !over {
		return nil
	}
	if l.limited != l.weight.until {
		l.limited, l.ignored = l.weight.until, 0
	}
	if l.ignored++; l.ignored > patience {
		l.bans++
		length := min(firstBan<<min(l.bans-1, 12), mostBan)
		l.banned = now.Add(length)
		return l.ban(now, h)
	}
	h.Set("Retry-After", seconds(l.weight.until.Sub(now)))
	return &refusal{status: http.StatusTooManyRequests, code: -1003,
		msg: fmt.Sprintf("Too much request weight used; current limit is %d request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.", l.weight.most)}
}

func (l *limits) ban(now time.Time, h http.Header) *refusal {
	h.Set("Retry-After", seconds(l.banned.Sub(now)))
	return &refusal{status: http.StatusTeapot, code: -1003,
		msg: fmt.Sprintf("Way too much request weight used; IP banned until %d. Please use WebSocket Streams for live updates to avoid bans.", l.banned.UnixMilli())}
}

// forget starts every count anew.
func (l *limits) forget() {
	for _, c := range append([]*span{l.weight}, l.orders...) {
		c.used = 0
	}
}

// order counts an order and refuses it when it is one too many.
func (l *limits) order(n int, now time.Time, h http.Header) *refusal {
	var bad *refusal
	for _, c := range l.orders {
		if c.add(n, now) && bad == nil {
			h.Set("Retry-After", seconds(c.until.Sub(now)))
			bad = &refusal{status: http.StatusTooManyRequests, code: -1015,
				msg: fmt.Sprintf("Too many new orders; current limit is %d orders per %d %s.", c.most, c.num, c.interval)}
		}
		h.Set(c.header, strconv.Itoa(c.used))
	}
	return bad
}

// rows are the limits as exchangeInfo tells them.
func (l *limits) rows() []any {
	var list []any
	for _, c := range append([]*span{l.weight}, l.orders...) {
		list = append(list, map[string]any{"rateLimitType": c.kind, "interval": c.interval, "intervalNum": c.num, "limit": c.most})
	}
	return list
}

func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
