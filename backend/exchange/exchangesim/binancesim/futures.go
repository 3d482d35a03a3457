package binancesim

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Futures is Binance USDⓈ-M futures for one account: REST under /fapi, streams under /public, /market and /private.
type Futures struct {
	Server

	// more guards what follows; like the server's mutex it is never held while the core is asked to do something.
	more sync.Mutex
	// ending is held while stops that outlived their position end.
	ending sync.Mutex
	// listenKey is the one key of the account, "" for none, good until expires.
	listenKey string
	expires   time.Time
	keys      int
	// terms are what orders were placed with that the core does not know, by book and client id.
	terms map[string]terms
	// countdowns are when the open orders of a symbol are canceled.
	countdowns map[string]time.Time
	// flat are the conditional orders that ended because their position did.
	flat map[string]bool
}

// terms is what a row repeats of a request.
type terms struct {
	workingType  string
	priceProtect bool
	trigger      string
	activate     string
	callback     string
	goodTill     int64
}

// NewFutures serves a core's linear account as Binance USDⓈ-M does. The core's ids must be decimal numbers.
func NewFutures(core *exchangesim.Core, o Options) *Futures {
	f := &Futures{terms: map[string]terms{}, countdowns: map[string]time.Time{}, flat: map[string]bool{}}
	f.setup(core, trading.Linear, o, futuresLimits(o))
	f.words, f.door, f.passes = futuresWords, f.enterBy, f.pass
	f.routes = f.routing()
	f.stop = core.Subscribe(f.heard)
	return f
}

func (f *Futures) routing() map[string]route {
	done := func(*request) (any, *refusal) { return map[string]any{}, nil }
	return map[string]route{
		"GET /fapi/v1/ping":              {open, 1, 0, "", done},
		"GET /fapi/v1/time":              {open, 1, 0, "", f.time},
		"GET /fapi/v1/exchangeInfo":      {open, 1, 0, "", f.exchangeInfo},
		"GET /fapi/v1/premiumIndex":      {open, 1, 0, "", f.premiumIndex},
		"GET /fapi/v1/ticker/price":      {open, 1, 0, "", f.tickerPrice},
		"GET /fapi/v2/ticker/price":      {open, 1, 0, "", f.tickerPrice},
		"GET /fapi/v1/ticker/bookTicker": {open, 2, 0, "", f.bookTicker},
		"GET /fapi/v1/klines":            {open, 2, 0, "", f.klines},

		"GET /fapi/v1/leverageBracket":    {reads, 1, 0, "", f.leverageBracket},
		"GET /fapi/v3/balance":            {reads, 5, 0, "", f.balance},
		"GET /fapi/v3/account":            {reads, 5, 0, "", f.account},
		"GET /fapi/v3/positionRisk":       {reads, 5, 0, "", f.positionRisk},
		"GET /fapi/v1/symbolConfig":       {reads, 5, 0, "", f.symbolConfig},
		"GET /fapi/v1/accountConfig":      {reads, 5, 0, "", f.accountConfig},
		"POST /fapi/v1/leverage":          {trades, 1, 0, "", f.setLeverage},
		"POST /fapi/v1/marginType":        {trades, 1, 0, "", f.setMargin},
		"GET /fapi/v1/positionSide/dual":  {reads, 30, 0, "", f.mode},
		"POST /fapi/v1/positionSide/dual": {trades, 1, 0, "", f.setMode},
		"GET /fapi/v1/commissionRate":     {reads, 20, 0, "", f.commissionRate},
		"GET /fapi/v1/income":             {reads, 30, 0, "", f.income},
		"GET /fapi/v1/userTrades":         {reads, 5, 0, "", f.userTrades},
		"GET /fapi/v1/rateLimit/order":    {reads, 1, 0, "", f.orderLimits},
		"GET /fapi/v1/apiTradingStatus":   {reads, 1, 0, "", f.tradingStatus},

		"POST /fapi/v1/order":              {trades, 0, 1, "", f.place},
		"POST /fapi/v1/order/test":         {trades, 0, 0, "", f.test},
		"PUT /fapi/v1/order":               {trades, 1, 1, "", f.amend},
		"GET /fapi/v1/order":               {reads, 1, 0, "", f.query},
		"DELETE /fapi/v1/order":            {trades, 1, 0, "", f.cancel},
		"GET /fapi/v1/openOrder":           {reads, 1, 0, "", f.openOrder},
		"GET /fapi/v1/openOrders":          {reads, 1, 0, "", f.openOrders},
		"GET /fapi/v1/allOrders":           {reads, 5, 0, "", f.allOrders},
		"DELETE /fapi/v1/allOpenOrders":    {trades, 1, 0, "", f.cancelAll},
		"POST /fapi/v1/countdownCancelAll": {trades, 10, 0, "", f.countdown},

		"POST /fapi/v1/algoOrder":        {trades, 0, 1, "", f.placeAlgo},
		"GET /fapi/v1/algoOrder":         {reads, 1, 0, "", f.queryAlgo},
		"DELETE /fapi/v1/algoOrder":      {trades, 1, 0, "", f.cancelAlgo},
		"GET /fapi/v1/openAlgoOrders":    {reads, 1, 0, "", f.openAlgos},
		"GET /fapi/v1/allAlgoOrders":     {reads, 5, 0, "", f.allAlgos},
		"DELETE /fapi/v1/algoOpenOrders": {trades, 1, 0, "", f.cancelAlgos},

		"POST /fapi/v1/listenKey":   {keyed, 1, 0, "", f.startKey},
		"PUT /fapi/v1/listenKey":    {keyed, 1, 0, "", f.keepKey},
		"DELETE /fapi/v1/listenKey": {keyed, 1, 0, "", f.dropKey},
	}
}

// enterBy says what a WebSocket path leads to. Paths of before the split of 2026-04 open and act as the public part;
// what belongs elsewhere is silent there, unless this is the testnet.
func (f *Futures) enterBy(r *http.Request) (*socket, bool) {
	path, asked := r.URL.Path, r.URL.Query()
	if path == "/ws-fapi/v1" {
		return &socket{part: partAPI}, true
	}
	at := partPublic
	for _, p := range []part{partPublic, partMarket, partPrivate} {
		if rest, ok := strings.CutPrefix(path, "/"+string(p)); ok {
			at, path = p, rest
			break
		}
	}
	old := path == r.URL.Path
	if old && f.opt.Testnet {
		at = partEverything
	}
	k := &socket{part: at}
	switch {
	case path == "/stream":
		k.combined, k.topics = true, names(asked.Get("streams"))
	case path == "/ws":
	case strings.HasPrefix(path, "/ws/"):
		k.topics = names(strings.TrimPrefix(path, "/ws/"))
	default:
		return nil, false
	}
	if at == partPrivate || at == partEverything {
		f.admit(k, asked.Get("listenKey"), asked.Get("events"))
	}
	return k, true
}

// admit lets a socket hear the account if it names the listen key.
func (f *Futures) admit(k *socket, key, events string) {
	f.more.Lock()
	defer f.more.Unlock()
	if k.topics[f.listenKey] {
		key = f.listenKey
		delete(k.topics, key)
	}
	if key == "" || key != f.listenKey || !f.now().Before(f.expires) {
		return
	}
	k.user, k.key = true, key
	if events != "" {
		k.allow = names(events)
	}
}

// pass lets listen keys run out and countdowns end.
func (f *Futures) pass(now time.Time) {
	f.more.Lock()
	ended := ""
	if f.listenKey != "" && !now.Before(f.expires) {
		ended, f.listenKey = f.listenKey, ""
	}
	due := map[string]bool{}
	for symbol, at := range f.countdowns {
		if !now.Before(at) {
			due[symbol] = true
			delete(f.countdowns, symbol)
		}
	}
	f.more.Unlock()
	if ended != "" {
		f.publish(map[string]any{"e": "listenKeyExpired", "E": now.UnixMilli(), "listenKey": ended})
		f.mu.Lock()
		for k := range f.sockets {
			k.user = k.user && k.key != ended
		}
		f.mu.Unlock()
	}
	if len(due) > 0 {
		f.core.CancelWhere(func(o exchangesim.Order) bool { return o.Product == trading.Linear && !o.Algo && due[o.Symbol] })
	}
}
