package trading_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

var seven = time.Date(2026, 5, 20, 7, 0, 0, 0, time.UTC)

func text(s string, ends time.Time) trading.KeyText {
	return trading.KeyText{Digest: trading.DigestKey(s), EndsAt: ends}
}

func TestRotationEndsEveryEarlierTextAndProlongsNone(t *testing.T) {
	k := trading.WebhookKey{Texts: []trading.KeyText{text("now", time.Time{}), text("soon", seven.Add(time.Minute)), text("late", seven.Add(2*time.Hour)), text("over", seven)}}
	for overlap, want := range map[time.Duration]string{time.Hour: "next for ever, now 1h0m0s, soon 1m0s, late 1h0m0s", 0: "next for ever", 30 * time.Second: "next for ever, now 30s, soon 30s, late 30s"} {
		var had []string
		for _, x := range k.Rotated([]trading.KeyText{text("next", time.Time{})}, seven, seven.Add(overlap)).Texts {
			ends := "for ever"
			if !x.EndsAt.IsZero() {
				ends = x.EndsAt.Sub(seven).String()
			}
			for _, name := range []string{"next", "now", "soon", "late", "over"} {
				if x.Digest == trading.DigestKey(name) {
					had = append(had, name+" "+ends)
				}
			}
		}
		if got := strings.Join(had, ", "); got != want {
			t.Errorf("an overlap of %s: had %s, want %s", overlap, got, want)
		}
	}
	if !k.Texts[0].EndsAt.IsZero() {
		t.Error("the key before the rotation was changed too")
	}
	if r := k.Revoked(seven); len(r.Texts) != 0 || !r.RevokedAt.Equal(seven) || len(k.Texts) != 4 {
		t.Errorf("had %+v, want nothing that opens", r)
	}
}

func TestLabelAndRateOfAKeyAreChecked(t *testing.T) {
	for field, k := range map[string]trading.WebhookKey{
		"label": {Label: "   "}, "label ": {Label: strings.Repeat("x", 65)}, "label  ": {Label: "a\nb"}, "label   ": {Label: "a\xff"}, "label    ": {Label: "Master"},
		"rateLimit": {Label: "a", RateLimit: 100001}, "entries": {Label: "a", Bounds: trading.Bounds{Entries: "x"}},
	} {
		_, err := k.Checked()
		known, _ := err.(*trading.Error)
		if known == nil || known.Kind != trading.Invalid || known.Field != strings.TrimSpace(field) {
			t.Errorf("%+v: had %v, want Invalid for %s", k, err, field)
		}
	}
	if k, err := (trading.WebhookKey{Label: " " + strings.Repeat("ä", 64)}).Checked(); err != nil || strings.HasPrefix(k.Label, " ") {
		t.Errorf("had %q %v", k.Label, err)
	}
}

func TestHintOfAShortTextIsNothing(t *testing.T) {
	for s, want := range map[string]string{"": "", "elevenchars": "", "twelvechars1": "ars1"} {
		if had := trading.KeyHint(s); had != want {
			t.Errorf("%q: had %q, want %q", s, had, want)
		}
	}
}
