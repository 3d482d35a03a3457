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
