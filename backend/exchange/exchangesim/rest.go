package exchangesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

// answer is a return code with its text and result.
type answer struct {
	code   int
	text   string
	result any
}

func ok(result any) answer            { return answer{0, "OK", result} }
func no(code int, text string) answer { return answer{code, text, map[string]any{}} }
func rows(list []any) answer {
	return ok(map[string]any{"category": "", "nextPageCursor": "", "list": list})
}
func ms(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// rest reads, checks, carries out and answers one request, with whatever goes wrong on the way.
func (b *Bybit) rest(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var asked map[string]any
	if len(body) > 0 && json.Unmarshal(body, &asked) != nil {
		asked = nil
	}
	link, _ := asked["orderLinkId"].(string)
	if r.URL.Path == "/v5/order/create" {
		b.creates[link]++
	}
	f := b.faults(r.URL.Path, link)
	if f.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	var a answer
	if !f.Refuse {
		a = b.act(r, string(body), asked, f)
		if f.Twice {
			a = b.act(r, string(body), asked, f)
		}
	}
	b.reply(w, a, f)
}

func (b *Bybit) reply(w http.ResponseWriter, a answer, f Fault) {
	if f.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		w.Header().Set("Content-Type", "text/html")
		if f.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(f.Status)
		io.WriteString(w, "<html><body>"+http.StatusText(f.Status)+"</body></html>")
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if f.Code != 0 {
		a = no(f.Code, "fault")
	}
	if f.Body != nil {
		io.WriteString(w, *f.Body)
		return
	}
	if f.Huge {
		io.WriteString(w, `{"retCode":0,"retMsg":"`+strings.Repeat("x", 2<<20)+`"}`)
		return
	}
	raw, err := json.Marshal(map[string]any{"retCode": a.code, "retMsg": a.text, "result": a.result, "retExtInfo": map[string]any{}, "time": b.cfg.Now().UnixMilli()})
	if err != nil {
		panic(err)
	}
	w.Write(raw)
}

// act carries a request out.
func (b *Bybit) act(r *http.Request, body string, asked map[string]any, f Fault) answer {
	q := r.URL.Query()
	switch r.URL.Path {
	case "/v5/market/time":
		now := b.cfg.Now()
		return ok(map[string]any{"timeSecond": strconv.FormatInt(now.Unix(), 10), "timeNano": strconv.FormatInt(now.UnixNano(), 10)})
	case "/v5/market/instruments-info":
		return rows(b.instrumentRows(q.Get("category")))
	}
	payload := r.URL.RawQuery
	if r.Method == http.MethodPost {
		payload = body
	}
	if a, bad := b.authenticate(r, payload); bad {
		return a
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /v5/order/create":
		return b.create(asked, f)
	case "POST /v5/order/cancel":
		return b.cancel(asked)
	case "POST /v5/position/set-leverage":
		return b.setLeverage(asked)
	case "POST /v5/position/switch-mode":
		return b.switchMode(asked)
	case "POST /v5/account/set-margin-mode":
		b.isolated = asked["setMarginMode"] == "ISOLATED_MARGIN"
		return ok(map[string]any{"reasons": []any{}})
	case "GET /v5/account/info":
		mode := "REGULAR_MARGIN"
		if b.isolated {
			mode = "ISOLATED_MARGIN"
		}
		return ok(map[string]any{"marginMode": mode, "unifiedMarginStatus": 5})
	case "GET /v5/account/wallet-balance":
		return rows([]any{map[string]any{"accountType": "UNIFIED", "coin": []any{map[string]any{"coin": "USDT", "walletBalance": b.balance.String(), "equity": b.balance.String()}}}})
	case "GET /v5/account/fee-rate":
		return rows(b.feeRows(q.Get("category")))
	case "GET /v5/user/query-api":
		return ok(map[string]any{"readOnly": 0, "permissions": map[string]any{"ContractTrade": []string{"Order", "Position"}, "Spot": []string{"SpotTrade"}, "Wallet": []string{}}, "ips": []string{"127.0.0.1"}, "expiredAt": "2027-02-20T00:00:00Z", "uta": 1})
	case "GET /v5/position/list":
		return rows(b.positionRows(q.Get("symbol"), q.Get("settleCoin")))
	case "GET /v5/order/realtime", "GET /v5/order/history":
		return rows(b.orderRows(q.Get("category"), q.Get("orderLinkId"), q.Get("startTime"), strings.HasSuffix(r.URL.Path, "history")))
	case "GET /v5/execution/list":
		return rows(b.executionRows(q.Get("category"), q.Get("orderId"), q.Get("startTime")))
	}
	return no(10001, "no such path")
}

// authenticate checks key, time and signature by its own reading of the rules.
func (b *Bybit) authenticate(r *http.Request, payload string) (answer, bool) {
	at, window := r.Header.Get("X-Bapi-Timestamp"), r.Header.Get("X-Bapi-Recv-Window")
	sent, err1 := strconv.ParseInt(at, 10, 64)
	span, err2 := strconv.ParseInt(window, 10, 64)
	now := b.cfg.Now().UnixMilli()
	mac := hmac.New(sha256.New, []byte(b.cfg.Secret))
	io.WriteString(mac, at+r.Header.Get("X-Bapi-Api-Key")+window+payload)
	switch {
	case r.Header.Get("X-Bapi-Api-Key") != b.cfg.Key:
		return no(10003, "API key is invalid."), true
	case err1 != nil || err2 != nil || sent >= now+1000 || sent < now-span:
		return no(10002, "invalid request, please check your server timestamp or recv_window param."), true
	case !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Bapi-Sign"))):
		return no(10004, "error sign!"), true
	}
	return answer{}, false
}

var linkRule = regexp.MustCompile(`^[A-Za-z0-9_-]{1,36}$`)

// create places an order, or says why not.
func (b *Bybit) create(asked map[string]any, f Fault) answer {
	text := func(name string) string { s, _ := asked[name].(string); return s }
	number := func(name string) trading.Price { p, _ := trading.ParsePrice(text(name)); return p }
	reduce, _ := asked["reduceOnly"].(bool)
	o := Order{
		Link: text("orderLinkId"), Product: trading.Product(text("category")), Symbol: text("symbol"), Limit: text("orderType") == "Limit",
		Side: trading.Side(strings.ToLower(text("side"))), Qty: trading.AsQty(number("qty")), Price: number("price"), ReduceOnly: reduce,
		TakeProfit: number("takeProfit"), Stop: number("stopLoss"), Idx: index(asked["positionIdx"]),
	}
	if a, bad := b.check(&o); bad {
		return a
	}
	o.Shown = b.cfg.Now().Add(f.Hide)
	placed := b.newOrder(o)
	b.match(placed, f)
	return ok(map[string]any{"orderId": placed.ID, "orderLinkId": placed.Link})
}

// index reads a small number that JSON gave us.
func index(v any) int {
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		return 0
	}
	return n
}

// check holds an order against the rules.
func (b *Bybit) check(o *Order) (answer, bool) {
	i, known := b.instrument(o.Product, o.Symbol)
	price := b.prices[o.Symbol]
	if o.Limit {
		price = o.Price
	}
	lever := max(b.leverage[o.Symbol], 1)
	if o.Product == trading.Spot {
		lever = 1
	}
	switch {
	case !linkRule.MatchString(o.Link):
		return no(10001, "orderLinkId is illegal"), true
	case !known:
		return no(10001, "params error: symbol invalid"), true
	case b.byLink[o.Link] != nil && o.Product == trading.Spot:
		return no(170141, "Duplicate clientOrderId"), true
	case b.byLink[o.Link] != nil:
		return no(110072, "OrderLinkedID is duplicate"), true
	case b.hedge != (o.Idx != 0) && o.Product == trading.Linear:
		return no(10001, "position idx not match position mode"), true
	case !o.Qty.IsPositive() || o.Qty.Less(i.MinQty):
		return no(110017, "orderQty will be truncated to zero."), true
	case !i.RoundQty(o.Qty).Equal(o.Qty) || o.Qty.More(i.MaxQty):
		return no(10001, "Qty invalid"), true
	case o.Limit && !o.Price.Floor(i.TickSize).Equal(o.Price):
		return no(10001, "price invalid"), true
	case o.ReduceOnly && (o.Stop.IsPositive() || o.TakeProfit.IsPositive()):
		return no(10001, "TP/SL is not supported with reduce-only"), true
	case o.ReduceOnly && b.reducible(o).IsZero():
		return no(110017, "current position is zero, cannot fix reduce-only order qty"), true
	case !o.ReduceOnly && trading.Notional(price, o.Qty).Less(i.MinNotional):
		return no(110094, "Order does not meet minimum order value"), true
	case o.Product == trading.Spot && o.Side == trading.Sell && b.reducible(o).Less(o.Qty):
		return no(170131, "Insufficient balance."), true
	case !o.ReduceOnly && trading.Notional(price, o.Qty).More(b.balance.Times(trading.RatioUnits(int64(lever), 0))):
		return no(110007, "ab not enough for new order"), true
	}
	return answer{}, false
}

// match lets an accepted order meet the market.
func (b *Bybit) match(o *Order, f Fault) {
	switch {
	case f.RejectLater:
		b.end(o, "Rejected", "EC_ProcessingError")
	case o.Limit && !b.crosses(o):
		// It rests.
	default:
		i, _ := b.instrument(o.Product, o.Symbol)
		part := o.Qty
		if f.Slices > 1 {
			part = i.RoundQty(o.Qty.Over(trading.RatioUnits(int64(f.Slices), 0))).Max(i.StepSize)
		}
		for open(o) {
			b.fill(o, b.touch(o), part.Min(o.Qty.Sub(o.Filled)), false)
			if f.FillOnly && open(o) {
				b.end(o, "Cancelled", "EC_NoImmediateQtyToFill")
			}
		}
	}
}

func (b *Bybit) cancel(asked map[string]any) answer {
	link, _ := asked["orderLinkId"].(string)
	o := b.byLink[link]
	switch {
	case o == nil:
		return no(110001, "order not exists or too late to cancel")
	case !open(o):
		return no(110010, "The order has been cancelled")
	}
	b.end(o, "Cancelled", "EC_PerCancelRequest")
	return ok(map[string]any{"orderId": o.ID, "orderLinkId": o.Link})
}

func (b *Bybit) setLeverage(asked map[string]any) answer {
	symbol, _ := asked["symbol"].(string)
	i, known := b.instrument(trading.Linear, symbol)
	n := index(asked["buyLeverage"])
	switch {
	case !known || n < 1 || asked["buyLeverage"] != asked["sellLeverage"]:
		return no(10001, "leverage invalid")
	case n > i.MaxLeverage:
		return no(110013, "cannot set leverage gt maxLeverage by risk limit")
	case b.leverage[symbol] == n:
		return no(110043, "leverage not modified")
	}
	b.leverage[symbol] = n
	return ok(map[string]any{})
}

func (b *Bybit) switchMode(asked map[string]any) answer {
	hedge := index(asked["mode"]) == 3
	if hedge == b.hedge {
		return no(110025, "Position mode is not modified")
	}
	for _, h := range b.positions {
		if !h.Qty.IsZero() {
			return no(110024, "You have an existing position, so the position mode cannot be switched.")
		}
	}
	b.hedge = hedge
	return ok(map[string]any{})
}
