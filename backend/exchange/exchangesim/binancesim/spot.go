package binancesim

import (
	"net/http"
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Spot is Binance spot for one account: REST under /api and /sapi, the WebSocket API under /ws-api/v3, public streams
// under /ws and /stream.
type Spot struct {
	Server
	lists *lists
	// renamed is the client id of the request that cancels an order, which the stream tells in the order's own place.
	renamed map[string]string
}

// NewSpot serves a core's spot account as Binance does. The core's ids must be decimal numbers.
func NewSpot(core *exchangesim.Core, o Options) *Spot {
	s := &Spot{lists: newLists(), renamed: map[string]string{}}
	s.setup(core, trading.Spot, o, spotLimits(o))
	s.words, s.door = spotWords, s.enterBy
	s.routes = s.routing()
	s.stop = core.Subscribe(s.heard)
	return s
}

func (s *Spot) routing() map[string]route {
	const order = "symbol side type timeInForce quantity quoteOrderQty price newClientOrderId strategyId strategyType stopPrice trailingDelta icebergQty newOrderRespType selfTradePreventionMode"
	const one = "symbol orderId origClientOrderId"
	return map[string]route{
		"GET /api/v3/ping":              {open, 1, 0, "", func(*request) (any, *refusal) { return map[string]any{}, nil }},
		"GET /api/v3/time":              {open, 1, 0, "", s.time},
		"GET /api/v3/exchangeInfo":      {open, 20, 0, "symbol symbols permissions showPermissionSets symbolStatus", s.exchangeInfo},
		"GET /api/v3/ticker/price":      {open, 2, 0, "symbol symbols symbolStatus", s.tickerPrice},
		"GET /api/v3/ticker/bookTicker": {open, 2, 0, "symbol symbols symbolStatus", s.bookTicker},
		"GET /api/v3/klines":            {open, 2, 0, "symbol interval startTime endTime timeZone limit", s.klines},

		"GET /api/v3/account":                  {reads, 20, 0, "omitZeroBalances", s.account},
		"GET /api/v3/account/commission":       {reads, 20, 0, "symbol", s.commission},
		"GET /sapi/v1/account/apiRestrictions": {reads, 1, 0, "", s.apiRestrictions},
		"POST /api/v3/userDataStream":          {keyed, 2, 0, "", gone},
		"PUT /api/v3/userDataStream":           {keyed, 2, 0, "", gone},
		"DELETE /api/v3/userDataStream":        {keyed, 2, 0, "", gone},

		"POST /api/v3/order":        {trades, 0, 1, order, s.place},
		"POST /api/v3/order/test":   {trades, 1, 0, order + " computeCommissionRates", s.test},
		"GET /api/v3/order":         {reads, 4, 0, one, s.query},
		"DELETE /api/v3/order":      {trades, 0, 0, one + " newClientOrderId cancelRestrictions", s.cancel},
		"GET /api/v3/openOrders":    {reads, 6, 0, "symbol", s.openOrders},
		"DELETE /api/v3/openOrders": {trades, 1, 0, "symbol", s.cancelAll},
		"GET /api/v3/allOrders":     {reads, 20, 0, "symbol orderId startTime endTime limit", s.allOrders},
		"GET /api/v3/myTrades":      {reads, 20, 0, "symbol orderId startTime endTime fromId limit", s.trades},

		"POST /api/v3/orderList/oco":   {trades, 1, 2, "", s.oco},
		"POST /api/v3/orderList/otoco": {trades, 1, 3, "", s.otoco},
		"GET /api/v3/orderList":        {reads, 4, 0, "orderListId origClientOrderId", s.list},
		"DELETE /api/v3/orderList":     {trades, 1, 0, "symbol orderListId listClientOrderId newClientOrderId", s.cancelList},
		"GET /api/v3/openOrderList":    {reads, 6, 0, "", s.openLists},
	}
}

// enterBy says what a WebSocket path leads to.
func (s *Spot) enterBy(r *http.Request) (*socket, bool) {
	path := r.URL.Path
	switch {
	case path == "/ws-api/v3":
		return &socket{part: partAPI}, true
	case path == "/stream":
		return &socket{part: partAll, combined: true, topics: names(r.URL.Query().Get("streams"))}, true
	case path == "/ws":
		return &socket{part: partAll}, true
	case strings.HasPrefix(path, "/ws/"):
		return &socket{part: partAll, topics: names(strings.TrimPrefix(path, "/ws/"))}, true
	}
	return nil, false
}

// names reads "a/b/c".
func names(list string) map[string]bool {
	set := map[string]bool{}
	for _, n := range strings.Split(list, "/") {
		if n != "" {
			set[n] = true
		}
	}
	return set
}

// gone answers the calls that were taken away on 2026-02-20.
func gone(*request) (any, *refusal) {
	return nil, &refusal{status: http.StatusGone, code: -1000, msg: "This endpoint has been removed. Please use the WebSocket API to subscribe to user data streams."}
}
