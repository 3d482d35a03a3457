package gateway_test

import (
	"strings"
	"testing"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

const logHeading = "Alert ID,Ticker,Name,Description,Time,Webhook status\n"

func TestAlertLogIsReadOldestFirstAndWithoutKeys(t *testing.T) {
	list, err := gateway.ReadAlertLog(strings.NewReader("\ufeff"+logHeading+
		`2,"BYBIT:BTCUSDT.P, 15",Trend,"{""apiKey"":""a-key-of-a-test"",""action"":""CLOSE"",""symbol"":""BTCUSDT""}",2026-05-20T12:15:00Z,Delivered`+"\n"+
		`1,"BYBIT:BTCUSDT.P, 15",Trend,"{""apiKey"":""a-key-of-a-test"",
""action"":""LONG"",""symbol"":""BTCUSDT""}",2026-05-20T14:00:00+02:00,Failed`+"\n"+
		`3,NASDAQ:AAPL,Plain words,Apple is up,2026-05-20T13:00:00Z,`+"\n"), gateway.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 || list[0].Line != 3 || list[0].At.Format("15:04") != "12:00" || list[0].Delivery != "Failed" || list[1].Name != "Trend" || list[1].Ticker != "BYBIT:BTCUSDT.P, 15" {
		t.Fatalf("read %+v, want three alerts, oldest first, times in UTC", list)
	}
	for _, a := range list[:2] {
		if a.NotOurs != "" || strings.Contains(a.Kept, "a-key-of-a-test") || !strings.Contains(a.Kept, "BTCUSDT") {
			t.Errorf("line %d is kept as %q (%s), want the message without its key", a.Line, a.Kept, a.NotOurs)
		}
	}
	if list[2].Kept != "" || list[2].NotOurs == "" {
		t.Errorf("plain words became %+v, want them told as no alert for us", list[2])
	}
}

func TestAlertLogThatCannotBeReadIsRefusedWithItsLine(t *testing.T) {
	for name, c := range map[string]struct{ file, words string }{
		"empty":             {"", "is empty"},
		"list of trades":    {"Trade #,Type,Signal,Date/Time,Price\n1,Entry,Long,2026-05-20,1\n", "log of alerts"},
		"no message":        {"Alert ID,Time\n1,2026-05-20T12:00:00Z\n", `no column "Description"`},
		"time of another":   {logHeading + "1,A,B,{},20.05.2026 12:00,\n", "line 2"},
		"fields missing":    {logHeading + "1,A,B\n", "line 2"},
		"quote left open":   {logHeading + `1,A,B,"{,2026-05-20T12:00:00Z,` + "\n", "CSV"},
		"not text but data": {"\x00\x01\x02", "no column"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := gateway.ReadAlertLog(strings.NewReader(c.file), gateway.Keys{})
			if trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), c.words) || list != nil {
				t.Errorf("had %+v and %v, want it refused with %q: a line that is skipped would look delivered", list, err, c.words)
			}
		})
	}
}

func TestAFileThatIsNoAlertLogIsRefusedInTheSameWordsEachTime(t *testing.T) {
	for range 50 {
		_, err := gateway.ReadAlertLog(strings.NewReader("Trade #,Type\n1,Entry\n"), gateway.Keys{})
		if err == nil || !strings.Contains(err.Error(), `no column "Time"`) {
			t.Fatalf("had %v, want the first column that is missing named each time", err)
		}
	}
}
