package mexcsim_test

import (
	"strings"
	"testing"
	"time"
)

const firstPosition = "1109973831000000001"

func TestProtectionSentWithAnOrderBecomesARecordOfThePosition(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", opening("hx-1", 100, `,"stopLossPrice":64000,"takeProfitPrice":72000,"lossTrend":2`)).want(t, "true", "success")
	g := w.ask("GET", "stoporder/open_orders", "symbol=BTC_USDT")
	for name, want := range map[string]string{
		"symbol": `"BTC_USDT"`, "positionId": firstPosition, "stopLossPrice": "64000", "takeProfitPrice": "72000", "state": "1", "vol": "100",
		"positionType": "1", "triggerSide": "0", "isFinished": "0", "orderId": `"739113577038255618"`,
	} {
		g.want(t, want, "data", 0, name)
	}
	g.want(t, "absent", "data", 1)
	w.ask("GET", "order/list/open_orders", "page_num=1&page_size=20").want(t, "[]", "data")

	w.price("63990")
	if n := len(w.perps.Positions()); n != 0 {
		t.Errorf("want the stop to have closed the position, had %d positions", n)
	}
	g = w.ask("GET", "stoporder/list/orders", "page_num=1&page_size=20")
	g.want(t, "3", "data", 0, "state")
	g.want(t, "2", "data", 0, "triggerSide")
	id := strings.Trim(g.at("data", 0, "placeOrderId"), `"`)
	o := w.ask("GET", "order/get/"+id, "")
	o.want(t, "4", "data", "side")
	o.want(t, "100", "data", "vol")
	o.want(t, "3", "data", "state")
	o.want(t, `"_m_`+id+`"`, "data", "externalOid")
	w.ask("GET", "stoporder/open_orders", "").want(t, "[]", "data")
}

func TestRecordsOfOnePositionStandSideBySide(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", opening("hx-1", 100, ""))
	w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"vol":100,"stopLossPrice":64000,"volType":2}`).want(t, "600", "code")
	w.ask("POST", "stoporder/place", `{"positionId":1,"stopLossPrice":64000,"stopLossReverse":2,"volType":2}`).want(t, "2009", "code")
	w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"volType":2}`).want(t, "5001", "code")
	w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"stopLossPrice":66000,"stopLossReverse":2,"volType":2}`).want(t, "5003", "code")
	first := w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"stopLossPrice":64000,"stopLossReverse":2,"volType":2}`)
	w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"stopLossPrice":63000,"stopLossReverse":2,"volType":1,"vol":40}`).want(t, "true", "success")
	w.ask("POST", "order/create", opening("hx-2", 50, ""))
	g := w.ask("GET", "stoporder/open_orders", "")
	g.want(t, "40", "data", 0, "vol")
	g.want(t, "2", "data", 1, "volType")
	g.want(t, "150", "data", 1, "vol")

	id := first.at("data")
	w.ask("POST", "stoporder/change_plan_price", `{"stopPlanOrderId":`+id+`,"stopLossPrice":64500,"takeProfitPrice":70000}`).want(t, "true", "success")
	g = w.ask("GET", "stoporder/open_orders", "")
	g.want(t, id, "data", 0, "id")
	g.want(t, "64500", "data", 0, "stopLossPrice")
	g.want(t, "70000", "data", 0, "takeProfitPrice")
	g.want(t, "absent", "data", 2)
	w.ask("POST", "stoporder/change_plan_price", `{"stopPlanOrderId":`+id+`,"stopLossPrice":64400,"takeProfitPrice":70000}`).want(t, "true", "success")
	w.ask("GET", "stoporder/open_orders", "").want(t, "64400", "data", 0, "stopLossPrice")
	w.ask("POST", "stoporder/cancel", `[{"stopPlanOrderId":`+id+`}]`).want(t, "true", "success")
	w.ask("POST", "stoporder/cancel", `[{"stopPlanOrderId":`+id+`}]`).want(t, "5002", "code")
	w.ask("POST", "stoporder/cancel_all", `{"positionId":`+firstPosition+`,"symbol":"BTC_USDT"}`).want(t, "true", "success")
	w.ask("GET", "stoporder/open_orders", "").want(t, "[]", "data")
}

func TestRecordForTheWholePositionClosesWhatWasAddedLater(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", opening("hx-1", 100, ""))
	w.ask("POST", "stoporder/place", `{"positionId":`+firstPosition+`,"stopLossPrice":64000,"stopLossReverse":2,"volType":2}`)
	w.ask("POST", "order/create", opening("hx-2", 50, ""))
	w.price("63000")
	w.ask("GET", "position/open_positions", "").want(t, "[]", "data")
	past := w.ask("GET", "order/list/history_orders", "page_num=1&page_size=20")
	past.want(t, "150", "data", 1, "vol")
	past.want(t, "3", "data", 1, "state")
}

func TestPlanOrderWaitsFiresAndExpires(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	plan := func(trigger, kind, cycle string) reply {
		return w.ask("POST", "planorder/place/v2", `{"symbol":"BTC_USDT","vol":10,"side":1,"openType":1,"leverage":10,"triggerPrice":`+trigger+`,"triggerType":`+kind+
			`,"trend":1,"orderType":5,"executeCycle":`+cycle+`,"positionMode":1}`)
	}
	plan("66000", "3", "1").want(t, "3001", "code")
	plan("66000", "1", "3").want(t, "3003", "code")
	stop := plan("66000", "1", "1")
	stop.want(t, "true", "success")
	dip := plan("64000", "2", "2")
	list := func(states string) reply {
		w.t.Helper()
		return w.ask("GET", "planorder/list/orders", "end_time=1800000000000&page_num=1&page_size=20&start_time=1600000000000&states="+states)
	}
	list("1").want(t, stop.at("data"), "data", 1, "id")
	list("1").want(t, "10", "data", 1, "vol")
	w.ask("GET", "order/list/open_orders", "page_num=1&page_size=20").want(t, "[]", "data")

	w.price("66000")
	fired := list("3")
	fired.want(t, stop.at("data"), "data", 0, "id")
	id := strings.Trim(fired.at("data", 0, "orderId"), `"`)
	o := w.ask("GET", "order/get/"+id, "")
	o.want(t, "3", "data", "state")
	o.want(t, "1", "data", "side")
	o.want(t, "10", "data", "leverage")

	w.clock.Pass(7*24*time.Hour - time.Millisecond)
	list("1").want(t, dip.at("data"), "data", 0, "id")
	w.clock.Pass(time.Millisecond)
	list("4").want(t, dip.at("data"), "data", 0, "id")
	last := plan("60000", "2", "1")
	w.ask("POST", "planorder/cancel", `[{"symbol":"BTC_USDT","orderId":`+last.at("data")+`}]`).want(t, "true", "success")
	list("2").want(t, last.at("data"), "data", 0, "id")
	w.ask("POST", "planorder/cancel", `[{"symbol":"BTC_USDT","orderId":`+last.at("data")+`}]`).want(t, "2041", "code")
}
