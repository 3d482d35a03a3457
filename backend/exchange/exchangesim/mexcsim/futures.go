package mexcsim

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Futures is MEXC's futures API over a core whose linear instruments are spelled "BTC_USDT".
type Futures struct {
	door

	// guarding is held while a record is made, so that its orders are told from others.
	guarding sync.Mutex

	mu sync.Mutex
	// renamed is the id that a record had before it was rebuilt.
	renamed map[string]string
	// sent is how each order was asked for; it is told back in rows and forgotten when the façade ends.
	sent map[string]sent
	// lever is the leverage that was set, by symbol, position type (1 long, 2 short) and margin (1 isolated, 2 cross).
	lever map[leverOf]int
	// coming is the same for orders that the core is just taking, by client order id.
	coming map[comingOf]sent
}

// sent is what the core does not keep of an order.
type sent struct {
	side, openType, leverage, mode int
	reduceOnly                     bool
	// code is the errorCode of a row.
	code int
	// plan is the type of the order that a trigger order becomes; above is its triggerType.
	plan, above, trend int
	life               time.Duration
}

type comingOf struct{ symbol, link string }

type leverOf struct {
	symbol             string
	position, openType int
}

// envelope is what every futures answer comes in.
type envelope struct {
	Success bool   `json:"success"`
	Code    int    `json:"code"`
	Message string `json:"message,omitempty"`
	Data    any    `json:"data,omitempty"`
}

func good(data any) answer { return answer{body: envelope{Success: true, Data: data}} }

// no is a refusal; its data is left out, like that of an order that is not found.
func no(code int, text string) answer { return answer{body: envelope{Code: code, Message: text}} }

// NewFutures serves the futures API of a core. Position mode is what the core says; MEXC's own default is hedge.
func NewFutures(core *exchangesim.Core, o Options) *Futures {
	s := &Futures{renamed: map[string]string{}, sent: map[string]sent{}, coming: map[comingOf]sent{}, lever: map[leverOf]int{}}
	s.begin(core, o)
	s.refuse, s.allow = no, s.admit
	s.hasty = no(510, "Requests are too frequent, please try again later!")
	s.link = func(c *call) string {
		object := c.object
		if object == nil && len(c.list) == 1 {
			object, _ = c.list[0].(map[string]any)
		}
		if id, ok := object["externalOid"].(string); ok {
			return id
		}
		return c.PathValue("oid")
	}
	s.add(s.publicRoutes())
	s.add(s.accountRoutes())
	s.add(s.orderRoutes())
	s.routes.HandleFunc("/edge", func(w http.ResponseWriter, r *http.Request) { s.streams.serve(w, r, "", s) })
	s.routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		w.Write(encode(envelope{Code: 404, Message: "Not Found"}))
	})
	s.before = s.expirePlans
	s.stop = core.Subscribe(s.publish)
	return s
}

// What a key must be allowed to, with the code of the refusal.
const (
	readAccount   = "701"
	changeAccount = "702"
	readTrade     = "703"
	changeTrade   = "704"
)

const shortly = 2 * time.Second

func (s *Futures) publicRoutes() []route {
	const at = "GET /api/v1/contract/"
	return []route{
		{at + "ping", "", 20, shortly, s.ping},
		{at + "detail", "", 1, 5 * time.Second, s.details},
		{at + "detail/country", "", 1, 5 * time.Second, s.details},
		{at + "ticker", "", 20, shortly, s.tickers},
		{at + "fair_price/{symbol}", "", 20, shortly, s.onePrice("fairPrice")},
		{at + "index_price/{symbol}", "", 20, shortly, s.onePrice("indexPrice")},
		{at + "funding_rate/{symbol}", "", 20, shortly, s.fundingRate},
		{at + "kline/{symbol}", "", 20, shortly, s.kline},
		{at + "depth/{symbol}", "", 20, shortly, s.depth},
	}
}

func (s *Futures) accountRoutes() []route {
	const get, post = "GET /api/v1/private/", "POST /api/v1/private/"
	return []route{
		{get + "account/assets", readAccount, 20, shortly, s.assets},
		{get + "account/asset/{currency}", readAccount, 20, shortly, s.asset},
		{get + "account/tiered_fee_rate/v2", readAccount, 20, shortly, s.feeRate},
		{get + "position/open_positions", readTrade, 20, shortly, s.openPositions},
		{get + "position/list/history_positions", readTrade, 20, shortly, s.pastPositions},
		{get + "position/leverage", readTrade, 20, shortly, s.leverages},
		{post + "position/change_leverage", changeTrade, 10, 10 * time.Second, s.changeLeverage},
		{get + "position/position_mode", readTrade, 20, shortly, s.mode},
		{post + "position/change_position_mode", changeTrade, 20, shortly, s.changeMode},
		{get + "position/funding_records", readTrade, 20, shortly, s.fundingRecords},
	}
}

func (s *Futures) orderRoutes() []route {
	const get, post = "GET /api/v1/private/", "POST /api/v1/private/"
	return []route{
		{post + "order/create", changeTrade, 4, shortly, s.create},
		{post + "order/submit", changeTrade, 4, shortly, s.submit},
		{get + "order/external/{symbol}/{oid}", readTrade, 20, shortly, s.byLink},
		{get + "order/get/{id}", readTrade, 20, shortly, s.byID},
		{get + "order/batch_query", readTrade, 5, shortly, s.byIDs},
		{post + "order/batch_query_with_external", readTrade, 5, shortly, s.byLinks},
		{get + "order/list/open_orders", readTrade, 20, shortly, s.openOrders},
		{get + "order/list/history_orders", readTrade, 20, shortly, s.pastOrders},
		{get + "order/deal_details/{id}", readTrade, 20, shortly, s.dealsOf},
		{get + "order/list/order_deals/v3", readTrade, 20, shortly, s.deals},
		{post + "order/cancel_with_external", changeTrade, 20, shortly, s.cancelByLink},
		{post + "order/batch_cancel_with_external", changeTrade, 20, shortly, s.cancelByLinks},
		{post + "order/cancel", changeTrade, 20, shortly, s.cancelByIDs},
		{post + "order/cancel_all", changeTrade, 20, shortly, s.cancelAll},
		{post + "order/change_limit_order", changeTrade, 4, shortly, s.amend},
		{post + "planorder/place/v2", changeTrade, 4, shortly, s.placePlan},
		{post + "planorder/cancel", changeTrade, 20, shortly, s.cancelPlans},
		{get + "planorder/list/orders", readTrade, 20, shortly, s.plans},
		{post + "stoporder/place", changeTrade, 5, shortly, s.placeGuard},
		{post + "stoporder/cancel", changeTrade, 20, shortly, s.cancelGuards},
		{post + "stoporder/cancel_all", changeTrade, 20, shortly, s.cancelAllGuards},
		{post + "stoporder/change_plan_price", changeTrade, 20, shortly, s.changeGuard},
		{get + "stoporder/open_orders", readTrade, 20, shortly, s.openGuards},
		{get + "stoporder/list/orders", readTrade, 20, shortly, s.allGuards},
	}
}

// admit checks key, time and signature of a request, in this order, and then what the key may do.
func (s *Futures) admit(c *call, needs string) (answer, bool) {
	cfg, h, key := s.core.Config(), c.Header, s.keyNow()
	at := h.Get("Request-Time")
	sentAt, err := strconv.ParseInt(at, 10, 64)
	span := int64(10_000)
	if w := h.Get("Recv-Window"); w != "" {
		seconds, bad := strconv.ParseInt(w, 10, 64)
		if bad != nil || seconds < 1 || seconds > 60 {
			return no(513, "Invalid request: Recv-Window"), true
		}
		span = seconds * 1000
	}
	late := s.now().UnixMilli() - sentAt
	switch {
	case h.Get("ApiKey") == "" || h.Get("Signature") == "" || at == "":
		return no(401, "Not logged in or the login has expired"), true
	case h.Get("ApiKey") != cfg.Key || key.Revoked:
		return no(textCode(key, 401), "Api key does not exist"), true
	case key.Expired:
		return no(textCode(key, 402), "Api key expired"), true
	case key.WrongIP:
		return no(textCode(key, 406), "Accessed IP is not in the whitelist"), true
	case err != nil || late > span || -late > span:
		return no(513, "Invalid request(for open api serves time more or less than 10s)"), true
	case !signed(cfg.Secret, futuresTarget(cfg.Key, at, c.Method, c.URL.RawQuery, c.body), h.Get("Signature")):
		return no(602, "Signature verification failed!"), true
	case c.Method == http.MethodPost && c.body != "" && c.object == nil && c.list == nil:
		return no(601, "Data decoding error"), true
	case key.NoRead && (needs == readAccount || needs == readTrade), key.NoTrade && (needs == changeAccount || needs == changeTrade):
		return no(textCode(key, whole(needs)), fmt.Sprintf("No permission (%s)", needs)), true
	}
	return answer{}, false
}

// textCode is the code of a refused key.
func textCode(k Key, usual int) int {
	if k.WithCode != 0 {
		return k.WithCode
	}
	return usual
}

// refusal is MEXC's code for what the core refused.
func refusal(r *exchangesim.Refusal, side trading.Side) answer {
	code := map[exchangesim.Why]int{
		exchangesim.UnknownSymbol: 1001, exchangesim.OffStep: 2015, exchangesim.BelowMinQty: 2011, exchangesim.AboveMaxQty: 2028,
		exchangesim.OffTick: 2015, exchangesim.PriceBand: 2003, exchangesim.BelowNotional: 2011, exchangesim.DuplicateID: 2042,
		exchangesim.BadID: 2030, exchangesim.NoMoney: 2005, exchangesim.NothingToReduce: 2009, exchangesim.WrongSlot: 2022,
		exchangesim.WouldTake: 2007, exchangesim.WouldTrigger: 5003, exchangesim.TooManyOrders: 2036, exchangesim.LeverageTooHigh: 2006,
		exchangesim.Exists: 2043, exchangesim.NotFound: 2040, exchangesim.AlreadyEnded: 2041, exchangesim.ModeBlocked: 2019,
		exchangesim.Halted: 1002,
	}[r.Why]
	switch {
	case code == 0:
		code = 600
	case code == 2003 && side == trading.Sell:
		code = 2004
	}
	return no(code, textOr(map[int]string{
		2005: "Balance insufficient", 2009: "Position is nonexistent or closed", 2042: "Duplicate order id", 2040: "order not exist",
		2041: "order can not be cancelled", 1001: "Contract does not exist!", 2011: "The order quantity error",
	}[code], r.Text))
}
