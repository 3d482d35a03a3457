package node_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

func (y *years) text() string {
	y.t.Helper()
	list, _, err := y.Store.Signals(y.t.Context(), trading.Page{Limit: 10})
	if err != nil || len(list) != 1 {
		y.t.Fatal(list, err)
	}
	return list[0].Raw
}

func TestL3_TheTextOfAnAlertHoldsNoKeyAndGoesAfterThirtyDays(t *testing.T) {
	y := openYears(t)
	y.says(200, y.key, entry(`,"exchange":"bybit","comment":"my key is `+y.key+`"`))
	if had := y.text(); strings.Contains(had, y.key) || !strings.Contains(had, "my key is •••") {
		t.Errorf("kept %q, want the text without its key", had)
	}
	for _, step := range []struct {
		days int
		kept bool
	}{{29, true}, {2, false}} {
		y.pass(step.days)
		y.ForgetTexts(t.Context())
		if had := y.text(); (had != "") != step.kept {
			t.Errorf("%d days later: %q is kept, want it kept for 30 days and not longer", step.days, had)
		}
	}
}

func TestL3_AClockThatIsNotBelievedTakesNoTextAlong(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert)
	y.leap(365)
	y.ForgetTexts(t.Context())
	if y.text() == "" {
		t.Error("the text is gone although the clock is in doubt")
	}
	y.Believe()
	y.ForgetTexts(t.Context())
	if had := y.text(); had != "" {
		t.Errorf("%q is kept once the clock is believed", had)
	}
}

func TestL3_AClockThatAnExchangeDoesNotConfirmTakesNoTextAlong(t *testing.T) {
	y := openYears(t)
	lamp := trading.Lamp{}
	hang := func() { y.Hang("bybit:testnet", func() trading.Lamp { return lamp }) }
	y.first(marketAlert)
	y.away(365)
	hang()
	for why, says := range map[string]trading.Lamp{
		"the exchange was not asked yet": {}, "the exchange has another time": {SkewKnown: true, Skew: 365 * 24 * time.Hour},
	} {
		lamp = says
		y.ForgetTexts(t.Context())
		if y.text() == "" {
			t.Fatalf("the text is gone although %s: the computer was started with a wrong clock", why)
		}
	}
	lamp = trading.Lamp{SkewKnown: true}
	y.ForgetTexts(t.Context())
	if had := y.text(); had != "" {
		t.Errorf("%q is kept once the exchange confirms the clock", had)
	}
}
