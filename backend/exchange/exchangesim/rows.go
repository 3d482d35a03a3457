package exchangesim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"

	"hoox/backend/trading"
)

func word(s trading.Side) string {
	if s == trading.Sell {
		return "Sell"
	}
	return "Buy"
}

func (b *Bybit) orderRow(o *Order) map[string]any {
	kind, average := "Market", ""
	if o.Limit {
		kind = "Limit"
	}
	if o.Filled.IsPositive() {
		average = trading.UnitPrice(o.Cost, o.Filled).String()
	}
	reason := o.Reason
	if reason == "" {
		reason = "EC_NoError"
	}
	return map[string]any{
		"category": string(o.Product), "orderId": o.ID, "orderLinkId": o.Link, "parentOrderLinkId": o.Parent, "symbol": o.Symbol,
		"side": word(o.Side), "positionIdx": o.Idx, "orderType": kind, "price": o.Price.String(), "qty": o.Qty.String(),
		"orderStatus": o.Status, "avgPrice": average, "cumExecQty": o.Filled.String(), "cumExecValue": o.Cost.String(),
		"leavesQty": o.Qty.Sub(o.Filled).String(), "cancelType": "UNKNOWN", "rejectReason": reason, "stopOrderType": o.StopType,
		"triggerPrice": "", "reduceOnly": o.ReduceOnly, "takeProfit": o.TakeProfit.String(), "stopLoss": o.Stop.String(),
		"createdTime": ms(o.CreatedAt), "updatedTime": ms(o.UpdatedAt),
	}
}

func (b *Bybit) executionRow(x *Execution) map[string]any {
	o := b.byID[x.OrderID]
	return map[string]any{
		"category": string(o.Product), "symbol": o.Symbol, "execId": x.ID, "orderId": o.ID, "orderLinkId": o.Link, "side": word(o.Side),
		"execPrice": x.Price.String(), "execQty": x.Qty.String(), "execFee": x.Fee.String(), "feeCurrency": "USDT", "execPnl": x.PnL.String(),
		"execType": "Trade", "isMaker": x.Maker, "orderQty": o.Qty.String(), "stopOrderType": o.StopType, "execTime": ms(x.At), "seq": b.seq,
	}
}

// orderRows lists what can be seen: of one client id, or everything since.
func (b *Bybit) orderRows(category, link, since string, ended bool) []any {
	list := []any{}
	from, _ := strconv.ParseInt(since, 10, 64)
	for _, o := range b.orders {
		hidden := b.cfg.Now().Before(o.Shown) || o.UpdatedAt.UnixMilli() < from
		if string(o.Product) != category || hidden || (link != "" && o.Link != link) || (ended && open(o)) {
			continue
		}
		list = append(list, b.orderRow(o))
	}
	return list
}

func (b *Bybit) executionRows(category, orderID, since string) []any {
	list := []any{}
	from, _ := strconv.ParseInt(since, 10, 64)
	for i := range b.fills {
		x := &b.fills[i]
		o := b.byID[x.OrderID]
		if string(o.Product) != category || b.cfg.Now().Before(o.Shown) || x.At.UnixMilli() < from || (orderID != "" && o.ID != orderID) {
			continue
		}
		list = append(list, b.executionRow(x))
	}
	return list
}

func (b *Bybit) positionRows(symbol, coin string) []any {
	list := []any{}
	indices := []int{0}
	if b.hedge {
		indices = []int{1, 2}
	}
	for _, i := range b.cfg.Instruments {
		if i.Product != trading.Linear || (symbol != "" && symbol != i.Symbol) || (symbol == "" && i.Quote != coin) {
			continue
		}
		for _, idx := range indices {
			h, held := b.positions[place{i.Product, i.Symbol, idx}]
			if !held {
				h = &holding{}
			}
			side := ""
			if h.Qty.IsPositive() {
				side = "Buy"
			} else if h.Qty.IsNegative() {
				side = "Sell"
			}
			if symbol == "" && side == "" {
				continue
			}
			list = append(list, map[string]any{
				"positionIdx": idx, "symbol": i.Symbol, "side": side, "size": h.Size().String(), "avgPrice": h.Entry().String(),
				"positionValue": h.Cost.String(), "leverage": strconv.Itoa(max(b.leverage[i.Symbol], 1)), "liqPrice": "",
				"takeProfit": h.takeProfit.String(), "stopLoss": h.stop.String(), "trailingStop": "0", "curRealisedPnl": h.Realized.String(),
				"createdTime": ms(h.OpenedAt), "updatedTime": ms(h.UpdatedAt),
			})
		}
	}
	return list
}

func (b *Bybit) instrumentRows(category string) []any {
	list := []any{}
	for _, i := range b.cfg.Instruments {
		if string(i.Product) != category {
			continue
		}
		row := map[string]any{"symbol": i.Symbol, "status": "Trading", "baseCoin": i.Base, "quoteCoin": i.Quote, "priceFilter": map[string]any{"tickSize": i.TickSize.String()}}
		if i.Product == trading.Linear {
			row["contractType"] = "LinearPerpetual"
			row["leverageFilter"] = map[string]any{"maxLeverage": strconv.Itoa(i.MaxLeverage) + ".00"}
			row["lotSizeFilter"] = map[string]any{"minOrderQty": i.MinQty.String(), "qtyStep": i.StepSize.String(), "maxOrderQty": i.MaxQty.String(), "maxMktOrderQty": i.MaxQty.String(), "minNotionalValue": i.MinNotional.String()}
		} else {
			row["lotSizeFilter"] = map[string]any{"basePrecision": i.StepSize.String(), "minOrderAmt": i.MinNotional.String(), "maxLimitOrderQty": i.MaxQty.String(), "maxMarketOrderQty": i.MaxQty.String(), "minOrderQty": i.MinQty.String()}
		}
		list = append(list, row)
	}
	return list
}

func (b *Bybit) feeRows(category string) []any {
	list := []any{}
	for _, i := range b.cfg.Instruments {
		if string(i.Product) == category {
			list = append(list, map[string]any{"symbol": i.Symbol, "takerFeeRate": i.TakerFee.String(), "makerFeeRate": i.MakerFee.String()})
		}
	}
	return list
}

// publish tells every stream; one that cannot be written to is dropped.
func (b *Bybit) publish(topic string, row map[string]any) {
	raw, err := json.Marshal(map[string]any{"id": fmt.Sprint(b.seq), "topic": topic, "creationTime": b.cfg.Now().UnixMilli(), "data": []any{row}})
	if err != nil {
		panic(err)
	}
	for c, writing := range b.conns {
		if say(c, writing, raw) != nil {
			delete(b.conns, c)
		}
	}
}

func say(c *websocket.Conn, writing *sync.Mutex, raw []byte) error {
	writing.Lock()
	defer writing.Unlock()
	return c.WriteMessage(websocket.TextMessage, raw)
}

// stream is one private stream from login to end. Nothing is told before it subscribes, and nothing twice.
func (b *Bybit) stream(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{}
	c, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	var writing sync.Mutex
	login := false
	for {
		var m struct {
			Op   string            `json:"op"`
			Args []json.RawMessage `json:"args"`
		}
		if c.ReadJSON(&m) != nil {
			b.mu.Lock()
			delete(b.conns, c)
			b.mu.Unlock()
			return
		}
		success := true
		switch m.Op {
		case "auth":
			login = b.mayLogin(m.Args)
			success = login
		case "subscribe":
			success = login
		}
		if m.Op == "subscribe" && success {
			// Before the answer, so that nothing falls between the two.
			b.mu.Lock()
			b.conns[c] = &writing
			b.mu.Unlock()
		}
		raw, _ := json.Marshal(map[string]any{"success": success, "ret_msg": "", "op": m.Op, "conn_id": "1"})
		if say(c, &writing, raw) != nil {
			return
		}
	}
}

func (b *Bybit) mayLogin(args []json.RawMessage) bool {
	var key, signature string
	var expires int64
	if len(args) != 3 || json.Unmarshal(args[0], &key) != nil || json.Unmarshal(args[1], &expires) != nil || json.Unmarshal(args[2], &signature) != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(b.cfg.Secret))
	mac.Write([]byte("GET/realtime" + strconv.FormatInt(expires, 10)))
	return key == b.cfg.Key && expires > b.cfg.Now().UnixMilli() && hex.EncodeToString(mac.Sum(nil)) == signature
}
