package app

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// exported writes a log of alerts as TradingView exports it, each message fired now.
func exported(t *testing.T, messages ...string) string {
	t.Helper()
	var file strings.Builder
	w := csv.NewWriter(&file)
	lines := [][]string{{"Alert ID", "Ticker", "Name", "Description", "Time", "Webhook status"}}
	for _, message := range messages {
		lines = append(lines, []string{"1", "BYBIT:BTCUSDT.P, 15", "Trend", message, time.Now().UTC().Format(time.RFC3339), "Delivered"})
	}
	if err := w.WriteAll(lines); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

func message(note string) string {
	return `{"apiKey":"` + testKey + `","exchange":"paper","action":"CLOSE","symbol":"BTCUSDT","comment":"` + note + `"}`
}

func TestAlertsThatTradingViewFiredAndNeverCameAreTold(t *testing.T) {
	p := start(t)
	if got, err := postAlert(t.Context(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(message("came")), time.Now); err != nil || got.Status != 200 {
		t.Fatalf("had %+v %v", got, err)
	}
	whole := exported(t, message("came"))
	holed := exported(t, message("came"), message("lost"), "Apple is up")

	found := must[AlertLog](p, "Alerts/CompareLog", CompareLog{CSV: holed})
	if found.Lines != 3 || found.Ours != 2 || found.Arrived != 1 || len(found.Missed) != 1 || len(found.Others) != 1 || found.From == "" || found.To == "" {
		t.Fatalf("had %+v, want 3 lines, 2 of them ours, 1 arrived, 1 missed and 1 other", found)
	}
	lost := found.Missed[0]
	if lost.Line != 3 || lost.Name != "Trend" || lost.Ticker != "BYBIT:BTCUSDT.P, 15" || lost.Delivery != "Delivered" || lost.At == "" ||
		!strings.Contains(lost.Message, "lost") || strings.Contains(lost.Message, testKey) || lost.NotOurs != "" {
		t.Errorf("missed %+v, want line 3 with its message and without its key", lost)
	}
	if other := found.Others[0]; other.Line != 4 || other.NotOurs == "" || other.Message != "" {
		t.Errorf("others %+v, want line 4 and why it is not ours", other)
	}
	if found := must[AlertLog](p, "Alerts/CompareLog", CompareLog{CSV: whole}); found.Arrived != 1 || len(found.Missed) != 0 {
		t.Errorf("had %+v, want nothing missed", found)
	}
	if _, fault := call[AlertLog](p, "Alerts/CompareLog", CompareLog{CSV: "Trade #,Price\n1,2\n"}); fault.Kind != "invalid" || !strings.Contains(fault.Message, "log of alerts") {
		t.Errorf("a list of trades: had %+v, want it refused in words", fault)
	}

	file := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(file, []byte(holed), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, words := p.hoox("", "alerts", "missed", file)
	for _, part := range []string{"3 alerts in the file", "2 for this program, 1 arrived", "BYBIT:BTCUSDT.P, 15", `"comment":"lost"`} {
		if code != exitFailed || !strings.Contains(out, part) || strings.Contains(out, testKey) || !strings.Contains(words, "1 of 2 alerts never came in") {
			t.Errorf("had %d %q %q, want 1, what is missing on stdout and what to do on stderr; %q is not there", code, out, words, part)
		}
	}
	var read AlertLog
	if code, out, _ := p.hoox(holed, "alerts", "missed", "-", "--json"); code != exitFailed || json.Unmarshal([]byte(out), &read) != nil || len(read.Missed) != 1 {
		t.Errorf("--json of stdin: had %d %s, want 1 and the list", code, out)
	}
	if code, out, words := p.hoox(whole, "alerts", "missed", "-"); code != exitOK || !strings.Contains(out, "nothing was missed") || words != "" {
		t.Errorf("had %d %q %q, want 0 and that nothing was missed", code, out, words)
	}
	if code, out, words := p.hoox("Trade #,Price\n1,2\n", "alerts", "missed", "-"); code != exitUsage || out != "" || !strings.Contains(words, "log of alerts") {
		t.Errorf("a list of trades: had %d %q %q, want 2 and words", code, out, words)
	}
	if code, out, _ := p.hoox(exported(t, "Apple is up"), "alerts", "missed", "-"); code != exitOK || strings.Contains(out, "nothing was missed") || !strings.Contains(out, "none of them is for this program") {
		t.Errorf("had %d %q: a log without an alert of ours proves nothing", code, out)
	}
}

func TestALogOfAlertsMayBeLargerThanOtherRequestsAndIsBounded(t *testing.T) {
	p := start(t)
	if found := must[AlertLog](p, "Alerts/CompareLog", CompareLog{CSV: exported(t, strings.Repeat(`"`, largestBody))}); found.Lines != 1 || len(found.Others) != 1 {
		t.Errorf("a log of more than a megabyte: had %d lines, want it read whole", found.Lines)
	}
	if _, fault := call[AlertLog](p, "Alerts/CompareLog", CompareLog{CSV: strings.Repeat("a", largestLog+1)}); fault.Kind != "invalid" || fault.Field != "csv" {
		t.Errorf("more than %d MB: had %+v, want it refused with what to do", largestLog>>20, fault)
	}
	if resp, body := p.do(requestOf(p, "Alerts/CompareLog", `{"csv":"`+strings.Repeat("a", largestLogBody)+`"}`)); resp.StatusCode != 413 {
		t.Errorf("more than that: had %d %.200s, want 413: nobody fills the memory from outside", resp.StatusCode, body)
	}
}
