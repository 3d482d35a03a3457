package node_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAlertsOfTradingViewsLogThatNeverCameAreListed(t *testing.T) {
	h := start(t, t.TempDir())
	say := func(action, note string) string {
		return fmt.Sprintf(`{"apiKey":"KEY","exchange":"paper","action":"%s","symbol":"BTCUSDT","quoteQuantity":"200","comment":"%s"}`, action, note)
	}
	long, shut, lost := say("LONG", "one"), say("CLOSE", "two"), say("LONG", "three")
	for _, body := range []string{long, shut, shut} {
		if r := h.post(body); r.status >= 500 {
			t.Fatalf("post: %d %s", r.status, r.body)
		}
	}
	var file strings.Builder
	w := csv.NewWriter(&file)
	at := time.Now().UTC()
	line := func(body string, late time.Duration) []string {
		return []string{"1", "BYBIT:BTCUSDT", "Trend", strings.ReplaceAll(body, "KEY", h.key), at.Add(late).Format(time.RFC3339), "Delivered"}
	}
	for _, fields := range [][]string{{"Alert ID", "Ticker", "Name", "Description", "Time", "Webhook status"}, line(long, 0), line(shut, 0), line(shut, time.Second),
		line(lost, 0), line("Apple is up", 0), line(long, -time.Hour)} {
		if err := w.Write(fields); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	out, err := h.CompareAlertLog(t.Context(), strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	if out.Lines != 6 || out.Ours != 5 || out.Arrived != 3 || len(out.Others) != 1 {
		t.Errorf("had %+v, want 6 lines, 5 of them ours, 3 arrived and one other", out)
	}
	if len(out.Missed) != 2 || out.Missed[0].Line != 7 || !strings.Contains(out.Missed[1].Kept, "three") || strings.Contains(out.Missed[0].Kept, h.key) {
		t.Errorf("missed %+v, want the one that nobody sent and the one of an hour ago that never came, without keys", out.Missed)
	}
	if _, err := h.CompareAlertLog(t.Context(), strings.NewReader("Trade #,Price\n1,2\n")); err == nil {
		t.Error("a list of trades was taken for a log of alerts")
	}
}
