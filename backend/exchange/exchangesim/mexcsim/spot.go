package mexcsim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Spot is MEXC's spot API over a core whose spot instruments are spelled "BTCUSDT".
type Spot struct {
	door

	mu sync.Mutex
	// keys are the listen keys with the time at which they end.
	keys map[string]time.Time
	made int
	// told is what the streams know of each asset: total and free.
	told map[string][2]trading.Money
}

// spotRefusal is how the spot API says no.
type spotRefusal struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

func spotNo(code int, text string) answer {
	return answer{http.StatusBadRequest, spotRefusal{code, text}}
}

func plain(body any) answer { return answer{body: body} }

// NewSpot serves the spot API of a core.
func NewSpot(core *exchangesim.Core, o Options) *Spot {
	s := &Spot{keys: map[string]time.Time{}, told: core.Balances()}
	s.begin(core, o)
	s.refuse, s.allow = spotNo, s.admit
	s.hasty = answer{http.StatusTooManyRequests, spotRefusal{429, "Too Many Requests"}}
	s.before = func() {}
	s.link = func(c *call) string {
		v := c.values()
		return textOr(v.Get("newClientOrderId"), v.Get("origClientOrderId"))
	}
	s.add(s.spotRoutes())
	s.routes.HandleFunc("/ws", s.connect)
	s.routes.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		w.Write(encode(spotRefusal{404, "Not Found"}))
	})
	s.stop = core.Subscribe(s.publish)
	return s
}

func (s *Spot) spotRoutes() []route {
	const span = 10 * time.Second
	const get, post, put, del = "GET /api/v3/", "POST /api/v3/", "PUT /api/v3/", "DELETE /api/v3/"
	return []route{
		{get + "ping", "", 500, span, func(*call) answer { return plain(map[string]any{}) }},
		{get + "time", "", 500, span, func(*call) answer { return plain(map[string]any{"serverTime": s.now().UnixMilli()}) }},
		{get + "defaultSymbols", "", 500, span, s.defaultSymbols},
		{get + "exchangeInfo", "", 50, span, s.exchangeInfo},
		{get + "ticker/price", "", 500, span, s.lastPrice},
		{get + "ticker/bookTicker", "", 500, span, s.bookTicker},
		{get + "klines", "", 500, span, s.klines},
		{get + "selfSymbols", "read", 500, span, s.selfSymbols},
		{get + "account", "read", 2, time.Second, s.account},
		{get + "tradeFee", "read", 25, span, s.tradeFee},
		{post + "order", "trade", 12, time.Second, s.create},
		{post + "order/test", "trade", 12, time.Second, s.test},
		{get + "order", "read", 250, span, s.query},
		{del + "order", "trade", 12, time.Second, s.cancel},
		{get + "openOrders", "read", 166, span, s.openOrders},
		{del + "openOrders", "trade", 12, time.Second, s.cancelOpen},
		{get + "allOrders", "read", 50, span, s.allOrders},
		{get + "myTrades", "read", 50, span, s.trades},
		{post + "userDataStream", "read", 500, span, s.makeKey},
		{put + "userDataStream", "read", 500, span, s.keepKey},
		{del + "userDataStream", "read", 500, span, s.dropKey},
		{get + "userDataStream", "read", 500, span, s.listKeys},
	}
}

// values are the parameters of a request, from the query and from a form in the body.
func (c *call) values() url.Values {
	all := url.Values{}
	for name, list := range c.query {
		all[name] = list
	}
	if c.object == nil && c.list == nil {
		form, _ := url.ParseQuery(c.body)
		for name, list := range form {
			all[name] = append(all[name], list...)
		}
	}
	return all
}

// admit checks key, time and signature of a request, and then what the key may do.
func (s *Spot) admit(c *call, needs string) (answer, bool) {
	cfg, key, v := s.core.Config(), s.keyNow(), c.values()
	at, err := strconv.ParseInt(v.Get("timestamp"), 10, 64)
	window := int64(5000)
	if w := v.Get("recvWindow"); w != "" {
		n, bad := strconv.ParseInt(w, 10, 64)
		if bad != nil || n > 60_000 {
			return spotNo(700005, "recvWindow must less than 60000"), true
		}
		window = n
	}
	body := c.body
	if c.object != nil || c.list != nil {
		// A JSON body is not read by the spot API, and not signed.
		body = ""
	}
	target, signature := spotTarget(c.URL.RawQuery, body)
	now := s.now().UnixMilli()
	switch given := c.Header.Get("X-MEXC-APIKEY"); {
	case given == "":
		return spotNo(700001, "API-key format invalid"), true
	case given != cfg.Key || key.Revoked || key.Expired:
		return spotNo(textCode(key, 10072), "Api key info invalid"), true
	case key.WrongIP:
		return spotNo(textCode(key, 700006), "IP ["+strings.Split(c.RemoteAddr, ":")[0]+"] not in the ip white list"), true
	case v.Get("timestamp") == "" || signature == "":
		return spotNo(700004, "Mandatory parameter 'timestamp' or 'signature' was not sent, was empty/null, or malformed."), true
	case err != nil || at >= now+1000 || now-at > window:
		return spotNo(700003, "Timestamp for this request is outside of the recvWindow."), true
	case !signed(cfg.Secret, target, signature):
		return spotNo(700002, "Signature for this request is not valid."), true
	case needs == "read" && key.NoRead, needs == "trade" && key.NoTrade:
		return spotNo(textCode(key, 700007), "No permission to access the endpoint."), true
	}
	return answer{}, false
}

// spotRefused is MEXC's code for what the core refused.
func spotRefused(r *exchangesim.Refusal, side trading.Side) answer {
	code := map[exchangesim.Why]int{
		exchangesim.UnknownSymbol: -1121, exchangesim.OffStep: 10102, exchangesim.BelowMinQty: 30002, exchangesim.AboveMaxQty: 30003,
		exchangesim.OffTick: 30010, exchangesim.PriceBand: 30010, exchangesim.BelowNotional: 30002, exchangesim.NoMoney: 30004,
		exchangesim.TooManyOrders: 30029, exchangesim.Halted: 30016, exchangesim.BadID: 700008, exchangesim.NotFound: -2011, exchangesim.AlreadyEnded: -2011,
		exchangesim.DuplicateID: 30026,
	}[r.Why]
	switch {
	case code == 0:
		code = 33333
	case code == 30004 && side == trading.Sell:
		code = 30005
	}
	return spotNo(code, textOr(map[int]string{
		-1121: "Invalid symbol.", 30004: "Insufficient position", 30005: "Oversold", 30002: "The minimum transaction volume cannot be less than the limit",
		-2011: "Unknown order sent.", 30016: "Trading disabled",
	}[code], r.Text))
}
