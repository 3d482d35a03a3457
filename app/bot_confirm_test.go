package app

import (
	"strings"
	"testing"

	"hoox/backend/chat"
)

func TestAnEntryThatWouldGoElsewhereByNowIsNotSent(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	had, answer := f.hear(f.update("/trade long BTCUSDT 0.01"))
	if !strings.Contains(had, "paper:paper (PAPER)") {
		t.Fatalf("had %q, want where it goes", had)
	}
	must[SettingRow](f.p, "Settings/Set", SetSetting{"trade:routing", `{"*":"bybit"}`})
	had, last := f.press(answer, "LONG BTCUSDT PAPER")
	if open := f.open(); len(open) != 0 || last.State != chat.Refused || !strings.Contains(had, "bybit:paper") {
		t.Errorf("had %q and %+v, want nothing done: what was confirmed is an entry on another account", had, open)
	}
}

func TestAnEntryThatWouldCloseSomethingByNowIsNotSent(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	_, answer := f.hear(f.update("/trade short BTCUSDT 0.01 paper"))
	f.buy()
	f.press(answer, "SHORT BTCUSDT PAPER")
	if open := f.open(); len(open) != 1 || open[0].Side != "long" {
		t.Errorf("had %+v, want the long that was opened since: nobody confirmed its close", open)
	}
}
