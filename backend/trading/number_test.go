package trading_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hoox/backend/trading"
)

func TestNumbersAreReadFromPlainDecimalTextOnly(t *testing.T) {
	for text, want := range map[string]string{
		"0.01": "0.01", "1": "1", "-2.50": "-2.5", "007": "7", "0": "0", "-0": "0", ".5": "0.5", "5.": "5",
		"12345678901.12345678": "12345678901.12345678",
	} {
		n, err := trading.ParseMoney(text)
		if err != nil || n.String() != want {
			t.Errorf("%q: had %q %v, want %q", text, n, err, want)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "1e3", "1E3", "NaN", "Infinity", "+1", "−1", "1,5", "1_0", "0x1F", "--1", "1.2.3", ".", "-",
		strings.Repeat("9", 41), "1\x00", "." + strings.Repeat("1", 39), "-." + strings.Repeat("1", 38)} {
		if n, err := trading.ParseMoney(text); err == nil {
			t.Errorf("%q was read as %s, want a refusal: what is not plain decimal is a mistake somewhere", text, n)
		}
	}
}

func TestNumbersCrossJSONAndStorageExactly(t *testing.T) {
	in := trading.MustQty("0.000000010000000001")
	data, err := json.Marshal(in)
	if err != nil || string(data) != `"0.000000010000000001"` {
		t.Fatalf("had %s %v", data, err)
	}
	var out trading.Qty
	if err := json.Unmarshal(data, &out); err != nil || !out.Equal(in) {
		t.Fatalf("had %s %v, want %s back", out, err, in)
	}
	if err := out.Scan(in.String()); err != nil || !out.Equal(in) {
		t.Fatalf("had %s %v, want %s back", out, err, in)
	}
	if err := out.Scan(0.1); err == nil {
		t.Fatal("a float from the database was accepted: money is stored as text")
	}
}

func TestRoundingNeverAddsAndStaysOnTheStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := trading.QtyUnits(rapid.Int64Range(-1e12, 1e12).Draw(t, "value"), -rapid.Int32Range(0, 9).Draw(t, "exp"))
		step := trading.QtyUnits(rapid.SampledFrom([]int64{1, 2, 5, 25}).Draw(t, "step"), -rapid.Int32Range(0, 6).Draw(t, "stepExp"))
		low, high := value.Floor(step), value.Ceil(step)
		if low.Abs().More(value.Abs()) || high.Abs().Less(value.Abs()) {
			t.Fatalf("%s in steps of %s: floor %s, ceil %s", value, step, low, high)
		}
		for _, n := range []trading.Qty{low, high} {
			if !exactMultiple(n.String(), step.String()) {
				t.Fatalf("%s is no multiple of %s", n, step)
			}
		}
		if gap := value.Sub(low).Abs(); !gap.Less(step) {
			t.Fatalf("floor of %s in steps of %s is %s: more than a step away", value, step, low)
		}
	})
}

func exactMultiple(n, step string) bool {
	a, _ := new(big.Rat).SetString(n)
	b, _ := new(big.Rat).SetString(step)
	return new(big.Rat).Quo(a, b).IsInt()
}

func TestTextOfANumberReadsBackAsTheSameNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := trading.MoneyUnits(rapid.Int64().Draw(t, "value"), -rapid.Int32Range(0, 18).Draw(t, "exp"))
		again, err := trading.ParseMoney(n.String())
		if err != nil || !again.Equal(n) || again.String() != n.String() {
			t.Fatalf("%s became %s (%v)", n, again, err)
		}
	})
}
