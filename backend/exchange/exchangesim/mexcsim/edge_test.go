package mexcsim_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/trading"
)

const login = `{"method":"login","subscribe":false,"param":{"apiKey":"mxvectorkey0001","reqTime":"1700000000000","signature":"` + vectorM5 + `"}}`

func TestStreamTellsAnOrderItsFillsThePositionAndTheMoney(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.dial("/edge")
	tell(t, c, `{"method":"ping"}`)
	hear(t, c, "pong")
	tell(t, c, login)
	hear(t, c, "rs.login").want(t, `"success"`, "data")
	tell(t, c, `{"method":"personal.filter","param":{"filters":[{"filter":"order"},{"filter":"order.deal"},{"filter":"position"},{"filter":"asset"},{"filter":"stop.planorder"}]}}`)
	hear(t, c, "rs.personal.filter").want(t, `"success"`, "data")
	if n := w.futures.Streams(); n != 1 {
		t.Errorf("want one stream that hears private things, had %d", n)
	}

	w.ask("POST", "order/create", opening("hx-1", 100, `,"stopLossPrice":64000`))
	o := hear(t, c, "push.personal.order")
	o.want(t, "2", "data", "state")
	o.want(t, `"hx-1"`, "data", "externalOid")
	o.want(t, "10", "data", "leverage")
	d := hear(t, c, "push.personal.order.deal")
	for name, want := range map[string]string{
		"id": `"9466823345"`, "symbol": `"BTC_USDT"`, "side": "1", "vol": "100", "price": "65000.1", "fee": "0.1300002", "feeCurrency": `"USDT"`,
		"timestamp": "1700000000000", "profit": "0", "isTaker": "true", "category": "1", "orderId": `"739113577038255618"`, "externalOid": `"hx-1"`,
		"isSelf": "false", "positionMode": "1", "reduceOnly": "false",
	} {
		d.want(t, want, "data", name)
	}
	hear(t, c, "push.personal.position").want(t, "100", "data", "holdVol")
	hear(t, c, "push.personal.order").want(t, "3", "data", "state")
	hear(t, c, "push.personal.asset").want(t, "65.0001", "data", "positionMargin")
	hear(t, c, "push.personal.stop.planorder").want(t, "64000", "data", "stopLossPrice")

	w.price("63000")
	gone := hear(t, c, "push.personal.position")
	gone.want(t, "3", "data", "state")
	gone.want(t, "2", "data", "version")
}

func TestStreamRefusesAWrongLoginAndTellsNothing(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.dial("/edge")
	tell(t, c, strings.Replace(login, vectorM5, "00", 1))
	hear(t, c, "rs.error").want(t, `"Signature verification failed!"`, "data")
	tell(t, c, `{"method":"personal.filter","param":{"filters":[]}}`)
	hear(t, c, "rs.error").want(t, `"Not logged in"`, "data")
	w.ask("POST", "order/create", opening("hx-1", 1, ""))
	tell(t, c, `{"method":"ping"}`)
	hear(t, c, "").want(t, `"pong"`, "channel")
	w.clock.Pass(11 * time.Second)
	tell(t, c, login)
	hear(t, c, "rs.error").want(t, `"Invalid request time"`, "data")
}

func TestLoginWithoutSubscribeFalseFloods(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.dial("/edge")
	tell(t, c, strings.Replace(login, `"subscribe":false,`, "", 1))
	hear(t, c, "rs.login")
	w.ask("POST", "order/create", opening("hx-1", 1, ""))
	hear(t, c, "push.personal.order")
}

func TestPublicTopicsFollowTheMark(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.dial("/edge")
	tell(t, c, `{"method":"sub.ticker","param":{"symbol":"BTC_USDT"}}`)
	hear(t, c, "push.ticker").want(t, "65000", "data", "bid1")
	tell(t, c, `{"method":"sub.fair.price","param":{"symbol":"BTC_USDT"}}`)
	hear(t, c, "push.fair.price").want(t, "65000", "data", "price")
	tell(t, c, `{"method":"sub.kline","param":{"symbol":"BTC_USDT","interval":"Min1"}}`)
	hear(t, c, "push.kline").want(t, "1699999980", "data", "t")
	w.price("65001")
	for _, channel := range []string{"push.ticker", "push.fair.price", "push.kline"} {
		d := w.dial("/edge")
		tell(t, d, `{"method":"sub.`+strings.TrimPrefix(channel, "push.")+`","param":{"symbol":"BTC_USDT","interval":"Min1"}}`)
		hear(t, d, channel)
	}
}

func TestStreamIsCutWhenNobodyPingsAndWhenTheTestSaysSo(t *testing.T) {
	w := newWorld(t, setting{})
	c := w.dial("/edge")
	tell(t, c, login)
	hear(t, c, "rs.login")
	w.clock.Pass(61 * time.Second)
	if _, _, err := c.ReadMessage(); err == nil {
		t.Error("want a stream without pings to be cut after a minute")
	}
	w.clock.Pass(-61 * time.Second)
	d := w.dial("/edge")
	tell(t, d, `{"method":"ping"}`)
	hear(t, d, "pong")
	w.futures.DropStreams()
	if _, _, err := d.ReadMessage(); err == nil {
		t.Error("want the stream cut")
	}
	e := w.dial("/edge")
	tell(t, e, login)
	hear(t, e, "rs.login")
	w.futures.SetKey(mexcsim.Key{Revoked: true})
	if _, _, err := e.ReadMessage(); err == nil {
		t.Error("want the stream of a revoked key cut")
	}
}

func TestSilentStreamStaysOpenAndSaysNothing(t *testing.T) {
	w := newWorld(t, setting{})
	c := w.dial("/edge")
	tell(t, c, `{"method":"ping"}`)
	hear(t, c, "pong")
	w.futures.SetSilent(true)
	tell(t, c, `{"method":"ping"}`)
	if err := c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, raw, err := c.ReadMessage(); err == nil {
		t.Errorf("want silence, had %s", raw)
	}
}

func TestLiquidationAndOrdersFromTheWebsiteAreTold(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", strings.Replace(opening("hx-1", 100, ""), `"leverage":10`, `"leverage":100`, 1))
	c := w.dial("/edge")
	tell(t, c, strings.Replace(login, `"subscribe":false,`, "", 1))
	hear(t, c, "rs.login")
	w.perps.Liquidate("BTC_USDT", trading.SlotLong)
	hear(t, c, "push.personal.order").want(t, "2", "data", "category")
	hear(t, c, "push.personal.order.deal").want(t, "2", "data", "category")
	hear(t, c, "push.personal.position").want(t, "3", "data", "state")
}

func TestAStreamThatComesAfterTheEndIsCut(t *testing.T) {
	w := newWorld(t, setting{})
	w.futures.Close()
	c := w.dial("/edge")
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var late net.Error
	if _, _, err := c.ReadMessage(); err == nil || errors.As(err, &late) && late.Timeout() {
		t.Errorf("had %v, want the stream cut at once: nobody waits for it any more", err)
	}
}
