package admission_test

import (
	"strings"
	"testing"

	"hoox/backend/trading"
)

func TestALockedSymbolIsRefusedAtTheDeskUntilItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		locked, held string
		signal       trading.Signal
		want         string
	}{
		"an entry":                {`["BTCUSDT"]`, "", alert(trading.ActLong, trading.SizeBase, "0.02"), "refused"},
		"until later":             {`["BTCUSDT@2026-05-01T12:00:01Z"]`, "", alert(trading.ActLong, trading.SizeBase, "0.02"), "refused"},
		"until now":               {`["BTCUSDT@2026-05-01T12:00:00Z"]`, "", alert(trading.ActLong, trading.SizeBase, "0.02"), "buy 0.02"},
		"another symbol":          {`["ETHUSDT"]`, "", alert(trading.ActLong, trading.SizeBase, "0.02"), "buy 0.02"},
		"a close":                 {`["BTCUSDT"]`, "0.03", alert(trading.ActClose, trading.SizeNone, ""), "sell 0.03 reduce"},
		"less of the other side":  {`["BTCUSDT"]`, "-0.05", alert(trading.ActLong, trading.SizeBase, "0.03"), "buy 0.03 reduce"},
		"a turn is refused whole": {`["BTCUSDT"]`, "-0.01", alert(trading.ActLong, trading.SizeBase, "0.03"), "refused"},
	} {
		d := newDesk(t)
		d.set.Put("trade:locked_symbols", c.locked)
		if c.held != "" {
			d.hold(trading.SlotBoth, c.held)
		}
		if had := d.legs(c.signal); had != c.want {
			t.Errorf("%s: had %s (%s), want %s", name, had, d.decision.Reason, c.want)
		}
		if c.want == "refused" && !strings.Contains(d.decision.Reason, "symbol locked") {
			t.Errorf("%s: had %q, want the reason", name, d.decision.Reason)
		}
	}
}
