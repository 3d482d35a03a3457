package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

func order(status trading.OrderStatus, leg int, reason string) trading.Order {
	return trading.Order{
		Leg: leg, Side: trading.Sell, Type: trading.Limit, Status: status, Reason: reason, ExchangeID: "X1", Qty: trading.MustQty("2"),
	}
}

func partly(o trading.Order) trading.Order {
	o.Filled, o.FilledCost = trading.MustQty("1"), trading.MustMoney("100.5")
	return o
}

func TestEveryOutcomeHasItsAnswer(t *testing.T) {
	child := filled(9, "CHILD")
	child.Parent = "hx1parent"
	tests := map[string]struct {
		record trading.SignalRecord
		status int
		body   string
	}{
		"filled": {trading.SignalRecord{Status: trading.SignalFilled, Orders: []trading.Order{filled(0, "A")}}, 200,
			`"result":{"orderId":"A","status":"Filled"},"averagePrice":"67450","filledQuantity":"0.01"`},
		"filled flip answers with the entry": {trading.SignalRecord{Status: trading.SignalFilled, Orders: []trading.Order{filled(1, "ENTRY"), filled(0, "CLOSE"), child}}, 200,
			`"result":{"orderId":"ENTRY","status":"Filled"},"averagePrice":"67450","filledQuantity":"0.01"`},
		"resting": {trading.SignalRecord{Status: trading.SignalAccepted, Orders: []trading.Order{order(trading.OrderAccepted, 0, "")}}, 200,
			`"result":{"orderId":"X1","status":"Accepted"}`},
		"resting in part": {trading.SignalRecord{Status: trading.SignalAccepted, Orders: []trading.Order{partly(order(trading.OrderPartiallyFilled, 0, ""))}}, 200,
			`"result":{"orderId":"X1","status":"PartiallyFilled"},"averagePrice":"100.5","filledQuantity":"1"`},
		"canceled": {trading.SignalRecord{Status: trading.SignalNoOp, Orders: []trading.Order{order(trading.OrderCanceled, 0, "")}}, 200,
			`"result":{"orderId":"X1","status":"Canceled"}`},
		"canceled in part": {trading.SignalRecord{Status: trading.SignalPartial, Orders: []trading.Order{partly(order(trading.OrderCanceled, 0, ""))}}, 200,
			`"result":{"orderId":"X1","status":"PartiallyFilled"},"averagePrice":"100.5","filledQuantity":"1"`},
		"closed but not entered": {trading.SignalRecord{Status: trading.SignalPartial, Orders: []trading.Order{filled(0, "A"), order(trading.OrderRejected, 1, "margin")}}, 200,
			`"result":{"orderId":"X1","status":"PartiallyFilled"},"warnings":["leg 1 (sell) ended rejected: margin"]`},
		"nothing to do":     {trading.SignalRecord{Status: trading.SignalNoOp}, 200, `"result":{"orderId":"","status":"NoOp"}`},
		"only a message":    {trading.SignalRecord{Status: trading.SignalAccepted, Action: trading.ActNone, Raw: "{}"}, 200, `"result":{"orderId":"","status":"NoOp"}`},
		"warnings are told": {trading.SignalRecord{Status: trading.SignalNoOp, Warnings: []string{"w"}}, 200, `"result":{"orderId":"","status":"NoOp"},"warnings":["w"]`},
		"enqueued":          {trading.SignalRecord{Status: trading.SignalEnqueued}, 202, `"status":"Enqueued"`},
		"executing":         {trading.SignalRecord{Status: trading.SignalExecuting, Orders: []trading.Order{order(trading.OrderUnknown, 0, "")}}, 202, `"status":"Enqueued"`},
		"needs review":      {trading.SignalRecord{Status: trading.SignalNeedsReview}, 202, `"status":"Enqueued"`},
		"accepted only":     {trading.SignalRecord{Status: trading.SignalAccepted}, 202, `"status":"Enqueued"`},
		"unknown word":      {trading.SignalRecord{Status: "new"}, 202, `"status":"Enqueued"`},
		"rejected":          {trading.SignalRecord{Status: trading.SignalRejected, Orders: []trading.Order{order(trading.OrderRejected, 0, "110007: not enough balance")}}, 422, `"error":"110007: not enough balance","code":"REJECTED"`},
		"not placed":        {trading.SignalRecord{Status: trading.SignalNotPlaced}, 422, `"error":"the order was not placed","code":"REJECTED"`},
		"refused":           {trading.SignalRecord{Status: trading.SignalRefused, Reason: "max order: asked 5, allowed 1"}, 422, `"error":"max order: asked 5, allowed 1","code":"REFUSED"`},
		"expired":           {trading.SignalRecord{Status: trading.SignalExpired, Reason: "too old"}, 422, `"error":"expired: too old","code":"REFUSED"`},
		"blocked":           {trading.SignalRecord{Status: trading.SignalBlocked, Reason: "trading is halted: by hand"}, 503, `"error":"trading is halted: by hand","code":"KILL_SWITCH"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := test.record
			r.ID, r.Account, r.Symbol = "ID", "bybit:paper", "BTCUSDT"
			head := `{"success":true,"requestId":"ID","exchange":"bybit","symbol":"BTCUSDT","action":"NONE",`
			if r.Raw == "" {
				r.Action, r.Raw = trading.ActLong, `{"action":"buy"}`
				head = strings.Replace(head, "NONE", "BUY", 1)
			}
			tail := "}"
			if test.status >= 400 {
				head, tail = `{"success":false,`, `,"requestId":"ID"}`
			}

			status, body := gateway.Answer(r)

			if status != test.status || string(body) != head+test.body+tail {
				t.Errorf("want %d %s\nhad  %d %s", test.status, head+test.body+tail, status, body)
			}
		})
	}
}

func TestEverySignalStatusIsAnsweredWithinTheContract(t *testing.T) {
	for _, status := range trading.SignalStatuses() {
		for _, o := range trading.OrderStatuses() {
			code, body := gateway.Answer(trading.SignalRecord{ID: "ID", Status: status, Account: "mexc:live", Orders: []trading.Order{order(o, 0, "")}})
			var m struct {
				Success bool
				Result  *struct{ Status string }
			}
			if err := json.Unmarshal(body, &m); err != nil {
				t.Fatalf("%s: want JSON, had %s", status, body)
			}
			if m.Success != (code < 300) || (code == 200) != (m.Result != nil) {
				t.Errorf("%s with order %s: want success and result to fit %d, had %s", status, o, code, body)
			}
			if m.Result != nil && !strings.Contains("Filled PartiallyFilled Accepted Canceled NoOp", m.Result.Status) {
				t.Errorf("%s with order %s: want a word of the contract, had %q", status, o, m.Result.Status)
			}
			if code >= 500 && status != trading.SignalBlocked {
				t.Errorf("%s: want no 5xx for a stored signal, had %d: it would be sent again", status, code)
			}
		}
	}
}
