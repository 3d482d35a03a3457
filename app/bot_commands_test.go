package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hoox/backend/chat"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// buy opens a position on the paper account through the phone, and returns what was said at the end.
func (f *phone) buy() string {
	f.t.Helper()
	_, answer := f.hear(f.update("/trade long BTCUSDT 0.01 paper"))
	words, _ := f.press(answer, "LONG BTCUSDT PAPER")
	return words
}

func (f *phone) open() []PositionRow {
	f.t.Helper()
	return must[PositionPage](f.p, "Positions/List", PageRequest{}).Items
}

func TestEveryCommandAnswersAViewerOrSaysWhichRoleItTakes(t *testing.T) {
	f := newPhone(t, start(t), chat.Viewer)
	now := time.Now().Add(-time.Hour)
	for i, c := range f.commands {
		// A minute for each, so that none is one too many.
		f.mu.Lock()
		f.asked = map[int64][]time.Time{f.user: {now.Add(time.Duration(i) * time.Second)}}
		f.mu.Unlock()
		words, answer := f.hear(f.update("/" + c.name))
		if words == "" {
			t.Errorf("/%s: silence", c.name)
		}
		if !chat.Viewer.May(c.needs) && (answer.State != chat.Refused || !strings.Contains(words, string(c.needs))) {
			t.Errorf("/%s of a viewer: had %q %q, want to be told that it takes the role %s", c.name, answer.State, words, c.needs)
		}
		if chat.Viewer.May(c.needs) && strings.Contains(words, "takes the role") {
			t.Errorf("/%s of a viewer: had %q", c.name, words)
		}
		for _, m := range answer.Messages {
			if strings.Contains(m.HTML, testKey) {
				t.Errorf("/%s shows the webhook key", c.name)
			}
			for _, row := range m.Buttons {
				for _, button := range row {
					if len(button.Data) > 64 {
						t.Errorf("/%s: a button carries %d bytes, the messenger takes 64", c.name, len(button.Data))
					}
				}
			}
		}
		if c.help == "" || len(c.name) > 32 {
			t.Errorf("/%s has no help, or too long a name for the menu", c.name)
		}
	}
}

func TestAnEntryAndItsCloseAreAskedBackAndDoneOnce(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	if words := f.buy(); !strings.Contains(words, "filled") {
		t.Fatalf("had %q, want a fill", words)
	}
	if had := f.say("/positions"); !strings.Contains(had, "BTCUSDT") {
		t.Fatalf("had %q, want what is held", had)
	}
	if had := f.say("/latest"); !strings.Contains(had, "filled") || !strings.Contains(had, "telegram") {
		t.Errorf("had %q, want the story of the entry, and that it came by messenger", had)
	}

	if had := f.say("/position btcusdt.p"); !strings.Contains(had, "0.01") {
		t.Errorf("had %q: whoever reads that nothing is open, as TradingView writes the symbol, believes it", had)
	}
	_, answer := f.hear(f.update("/close btcusdt 25%"))
	if len(f.open()) != 1 {
		t.Fatal("a close was done before anybody confirmed it")
	}
	words, _ := f.press(answer, "Close 0.002 BTCUSDT PAPER")
	if open := f.open(); !strings.Contains(words, "filled") || len(open) != 1 || open[0].Quantity != "0.008" {
		t.Fatalf("had %q and %+v, want a quarter closed", words, open)
	}
	if words, _ := f.press(answer, "Close 0.002 BTCUSDT PAPER"); !strings.Contains(words, "Nothing was done") || f.open()[0].Quantity != "0.008" {
		t.Errorf("pressed once more: had %q", words)
	}
	_, answer = f.hear(f.update("/flatten"))
	words, _ = f.press(answer, "FLATTEN 1 positions PAPER")
	if !strings.Contains(words, "proven") || len(f.open()) != 0 {
		t.Errorf("had %q, want everything closed and proven", words)
	}
}

func TestATradeIsPutTogetherStepByStep(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	if had := f.say("/trade"); !strings.Contains(had, "symbol") {
		t.Fatalf("had %q, want to be asked for the symbol", had)
	}
	words, answer := f.hear(f.update("ethusdt"))
	if !strings.Contains(words, "which way") {
		t.Fatalf("had %q", words)
	}
	if words, _ = f.press(answer, "▼ SHORT"); !strings.Contains(words, "how much") {
		t.Fatalf("had %q", words)
	}
	words, answer = f.hear(f.update("100 usdt"))
	if !strings.Contains(words, "sell") {
		t.Fatalf("had %q, want what it would do", words)
	}
	if words, _ = f.press(answer, "SHORT ETHUSDT PAPER"); !strings.Contains(words, "filled") || f.open()[0].Side != "short" {
		t.Errorf("had %q, want a short", words)
	}
	if had := f.say("100 usdt"); !strings.Contains(had, "/help") {
		t.Errorf("had %q: words that nobody waits for were taken for a size", had)
	}
}

func TestHaltingIsInstantAndReleasingIsNotForThePhone(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	state := func() risk.State { return f.p.node.Switch.Standing().State }
	if had := f.say("/pause"); state() != risk.Reducing || !strings.Contains(had, "PAUSED") {
		t.Fatalf("had %q and %s", had, state())
	}
	if had := f.say("/trade long BTCUSDT 0.01 paper"); !strings.Contains(had, "Nothing was done") {
		t.Errorf("an entry while paused: had %q", had)
	}
	_, answer := f.hear(f.update("/resume"))
	if state() != risk.Reducing {
		t.Fatal("a pause ended before anybody confirmed it")
	}
	if words, _ := f.press(answer, "Resume PAPER"); state() != risk.Active {
		t.Fatalf("had %q and %s", words, state())
	}
	for range mostCommands {
		f.say("/help")
	}
	if had := f.say("/kill_on a bad feeling"); state() != risk.Halted || !strings.Contains(had, "HALTED") {
		t.Fatalf("had %q and %s: halting works also after a flood", had, state())
	}
	if reason := f.p.node.Switch.Standing().Reason; reason != "a bad feeling" {
		t.Errorf("had the reason %q", reason)
	}
	f.mu.Lock()
	f.asked = map[int64][]time.Time{}
	f.mu.Unlock()
	for _, words := range []string{"/kill_off", "/resume", "/pause"} {
		if had := f.say(words); state() != risk.Halted {
			t.Fatalf("%s released a halt: %q", words, had)
		}
	}
	if had := f.say("/kill_off"); !strings.Contains(had, "desktop") {
		t.Errorf("had %q, want where it is released", had)
	}
	lines := must[AuditPage](f.p, "Audit/List", ListAudit{Limit: 50})
	found := false
	for _, l := range lines.Items {
		found = found || l.Action == "kill.set" && l.Actor == "telegram 7 (Ann)" && l.After == "halted"
	}
	if !found {
		t.Errorf("had %+v, want a line that says who halted", lines.Items)
	}
}

func TestAPauseThatBecameAHaltIsNotResumed(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.say("/pause")
	_, answer := f.hear(f.update("/resume"))
	f.say("/kill_on")
	if words, _ := f.press(answer, "Resume PAPER"); f.p.node.Switch.Standing().State != risk.Halted {
		t.Fatalf("had %q: a button of the pause released the halt", words)
	}
}

func TestALimitIsOnlyEverTightenedFromAPhone(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	limit := func() string { return f.p.house.settings.Now().Text("trade:max_order_size") }
	for _, words := range []string{"/set trade:max_order_size 6000", "/set trade:max_order_size 0", "/set trade:routing {\"*\":\"paper\"}", "/set trade:kill_switch true", "/leverage 50", "/set protect:policy alert"} {
		if had, answer := f.hear(f.update(words)); answer.State != chat.Refused {
			t.Errorf("%s: had %q, want to be refused", words, had)
		}
	}
	_, answer := f.hear(f.update("/set trade:max_order_size 600"))
	_, other := f.hear(f.update("/set trade:max_order_size 400"))
	if words, _ := f.press(other, "Set 400"); limit() != "400" {
		t.Fatalf("had %q and %s", words, limit())
	}
	if words, _ := f.press(answer, "Set 600"); limit() != "400" {
		t.Errorf("had %q and %s: an older question loosened it", words, limit())
	}
}

func TestACodeOfTheAuthenticatorIsWantedAndIsGoodOnce(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	const secret = "JBSWY3DPEHPK3PXP"
	must[Receipt](f.p, "Secrets/Set", map[string]string{"name": totpSecret, "value": secret})
	must[SettingRow](f.p, "Settings/Set", SetSetting{"telegram:totp", "true"})
	code := func() string {
		text, err := totp.GenerateCode(secret, f.p.house.now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if words := f.buy(); !strings.Contains(words, "six digits") || len(f.open()) != 0 {
		t.Fatalf("had %q and %d positions, want to be asked for a code first", words, len(f.open()))
	}
	if words := f.say("000000"); !strings.Contains(words, "Nothing was done") || len(f.open()) != 0 {
		t.Fatalf("a wrong code: had %q", words)
	}
	f.buy()
	good := code()
	if words := f.say(good); !strings.Contains(words, "filled") || len(f.open()) != 1 {
		t.Fatalf("had %q, want a fill", words)
	}
	f.buy()
	if words := f.say(good); !strings.Contains(words, "used already") {
		t.Errorf("the same code again: had %q", words)
	}
	if had := f.say("/kill_on"); !strings.Contains(had, "HALTED") {
		t.Errorf("had %q: halting never asks", had)
	}
}

func TestWhoLostTheRoleCannotPressTheButton(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	_, answer := f.hear(f.update("/trade long BTCUSDT 0.01 paper"))
	if _, err := f.promote(context.Background(), f.user, chat.Viewer); err != nil {
		t.Fatal(err)
	}
	if words, _ := f.press(answer, "LONG BTCUSDT PAPER"); !strings.Contains(words, "role") || len(f.open()) != 0 {
		t.Errorf("had %q and %d positions", words, len(f.open()))
	}
	if _, err := f.promote(context.Background(), f.user, "admin"); trading.KindOf(err) != trading.Invalid {
		t.Errorf("had %v, want Invalid for a role that is none", err)
	}
}
