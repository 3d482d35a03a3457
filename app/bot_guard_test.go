package app

import (
	"strings"
	"testing"

	"hoox/backend/chat"
	"hoox/backend/risk"
)

func TestNoReasonIsTooLongToHalt(t *testing.T) {
	for what, reason := range map[string]string{"wide letters": strings.Repeat("危", 400), "pictures": strings.Repeat("😱", 400), "lines": strings.Repeat("stop\n", 400)} {
		for _, words := range []string{"/pause ", "/kill_on "} {
			f := newPhone(t, start(t), chat.Operator)
			had := f.say(words + reason)
			if state := f.p.node.Switch.Standing().State; state == risk.Active {
				t.Errorf("%s with a reason in %s: trading is %s and the phone shows %q; want it stopped, whatever the words", words, what, state, had)
			}
		}
	}
}

func TestAnotherPauseThanTheOneAskedAboutIsNotEnded(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.say("/pause lunch")
	_, answer := f.hear(f.update("/resume"))
	must[TradingState](f.p, "Kill/Set", SetKill{State: "reducing", Reason: "the loss of the day is near its limit"})
	had, last := f.press(answer, "Resume PAPER")
	if state := f.p.node.Switch.Standing().State; state != risk.Reducing || last.State != chat.Refused || !strings.Contains(had, "the loss of the day") {
		t.Errorf("had %q and %s, want the pause to stay: what was confirmed is the end of a pause for lunch", had, state)
	}
}

func TestWhatWarnsIsNotMadeQuieterFromAPhone(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	level := func(kind string) string { return f.p.house.settings.Now().Text("telegram:notify:" + kind) }
	for _, words := range []string{"drift off", "drift silent", "DEAD_LETTER Off", "protection off", "unknown off", "kill off", "drawdown silent", "tunnel off"} {
		kind := strings.ToLower(strings.Fields(words)[0])
		before := level(kind)
		if had, answer := f.hear(f.update("/notify " + words)); answer.State != chat.Refused || level(kind) != before || !strings.Contains(had, "desktop") {
			t.Errorf("/notify %s: had %q and %s, want it refused: nobody would hear what a thief does", words, had, level(kind))
		}
	}
	for words, want := range map[string]string{"tunnel on": "on", "fill off": "off", "fill on": "on"} {
		kind := strings.Fields(words)[0]
		if had := f.say("/notify " + words); level(kind) != want {
			t.Errorf("/notify %s: had %q and %s, want it done", words, had, level(kind))
		}
	}
	for _, words := range []string{"fill", "fill off please", "nosuch on", "__proto__ on"} {
		if had, answer := f.hear(f.update("/notify " + words)); answer.State != chat.Refused || level("fill") == "off" {
			t.Errorf("/notify %s: had %q, want to be told what it takes", words, had)
		}
	}
}

func TestEveryRefreshShowsTheSameAgainInItsPlace(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.buy()
	pressed := 0
	for _, c := range f.commands {
		for _, words := range []string{"/" + c.name, "/" + c.name + " 5", "/" + c.name + " BTCUSDT", "/" + c.name + " max_order"} {
			if c.halts {
				continue
			}
			f.asked[f.user] = nil
			_, answer := f.hear(f.update(words))
			for _, m := range answer.Messages {
				for _, row := range m.Buttons {
					if row[0].Label != "Refresh" {
						continue
					}
					pressed++
					had, again := f.press(answer, "Refresh")
					if again.State != chat.Done || len(again.Messages) == 0 || again.Messages[0].Edits == 0 || strings.Contains(had, "2562047h") {
						t.Errorf("%s, refreshed: had %q and %+v, want the same again in its place", words, had, again)
					}
				}
			}
		}
	}
	if pressed < 20 {
		t.Errorf("%d were pressed: this test looks at nothing", pressed)
	}
}
