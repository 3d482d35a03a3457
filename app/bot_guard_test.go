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
