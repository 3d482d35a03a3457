package mexc_test

import (
	"strings"
	"testing"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
)

func TestX6_AnAnswerThatCannotBeReadIsUnknown(t *testing.T) {
	cut, other, page := `{"success":tr`, `[]`, `<!doctype html><title>Just a moment</title>`
	for name, fault := range map[string]exchangesim.Fault{
		"a page": {Status: 502}, "a page that says all is well": {Body: &page}, "more than a megabyte": {Huge: true}, "cut": {Body: &cut}, "of another shape": {Body: &other},
	} {
		for _, p := range []trading.Product{trading.Linear, trading.Spot} {
			s := newStage(t, "100000", "100000")
			core := s.perps
			if p == trading.Spot {
				core = s.holdings
			}
			once := false
			core.SetFaults(func(path, _ string) exchangesim.Fault {
				if once || !strings.HasSuffix(path, "/create") && path != "/api/v3/order" {
					return exchangesim.Fault{}
				}
				once = true
				return fault
			})
			_, err := s.Submit(t.Context(), s.order("unclear", p))
			wantKind(t, err, trading.Unknown, name)
		}
	}
}

func TestX7_CodesOutsideTheTablesAreUnknown(t *testing.T) {
	checked := 0
	for code := -9999; code < 1_000_000; code += 7 {
		if code != 0 && !mexc.FuturesListed(code) && mexc.FuturesKind(code) != trading.Unknown {
			t.Errorf("futures code %d is %s, want unknown: a new code must never lead to a second order", code, mexc.FuturesKind(code))
		}
		if code != 0 && !mexc.SpotListed(code) && mexc.SpotKind(code) != trading.Unknown {
			t.Errorf("spot code %d is %s, want unknown", code, mexc.SpotKind(code))
		}
		checked++
	}
	if checked < 1000 {
		t.Errorf("%d codes were looked at", checked)
	}
}
