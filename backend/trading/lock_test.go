package trading_test

import (
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestALockIsReadHoweverItsSymbolIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		"BTCUSDT": "BTCUSDT", "btc_usdt": "BTCUSDT", "BTC/USDT": "BTCUSDT", "BTC-USDT": "BTCUSDT", "1000PEPEUSDT": "1000PEPEUSDT", "币安人生_USDT": "币安人生USDT",
		"BTCUSDT@2026-11-23T10:00:00Z": "BTCUSDT@2026-11-23T10:00:00Z", "ethusdt@2026-11-23T10:00:00+02:00": "ETHUSDT@2026-11-23T08:00:00Z",
	} {
		l, err := trading.ParseLock(text)
		if err != nil || l.String() != want {
			t.Errorf("%q: had %s %v, want %s", text, l, err, want)
		}
		if again, err := trading.ParseLock(l.String()); err != nil || again != l {
			t.Errorf("%s read again is %s (%v)", l, again, err)
		}
	}
	for _, text := range []string{
		"", "_", "@", "BYBIT:BTCUSDT", "BTCUSDT.P", "BTC/USDT:USDT", "BTC USDT", "*", "BTCUSDT@", "BTCUSDT@tomorrow", "BTCUSDT@2026-11-23", "BTCUSDT@2026-11-23T10:00:00",
		"BTCUSDT@2026-11-23T10:00:00.5Z", "BTCUSDT@1999-12-31T23:59:59Z", "BTCUSDT@9999-12-31T23:59:59-01:00", "@2026-11-23T10:00:00Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456", "BTC\xffUSDT",
	} {
		if l, err := trading.ParseLock(text); trading.KindOf(err) != trading.Invalid {
			t.Errorf("%q: had %+v %v, want Invalid: a lock that nobody meant, or that means nothing, looks like one that guards", text, l, err)
		}
	}
}

func TestALockEndsAtItsMomentAndNotBefore(t *testing.T) {
	end := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	timed, open := trading.Lock{Symbol: "BTCUSDT", Until: end}, trading.Lock{Symbol: "BTCUSDT"}
	if !timed.Holds(end.Add(-1)) || timed.Holds(end) || !open.Holds(end.AddDate(100, 0, 0)) {
		t.Error("a lock holds until its moment, or until it is taken off")
	}
	later := trading.Lock{Symbol: "BTCUSDT", Until: end.Add(time.Second)}
	for _, c := range []struct {
		a, b trading.Lock
		want bool
	}{
		{timed, timed, true}, {open, open, true}, {open, timed, true}, {timed, open, false}, {later, timed, true}, {timed, later, false}, {trading.Lock{Symbol: "ETHUSDT"}, timed, false},
	} {
		if had := c.a.Covers(c.b); had != c.want {
			t.Errorf("%s covers %s: had %v", c.a, c.b, had)
		}
	}
}
