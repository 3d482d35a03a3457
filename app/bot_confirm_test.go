package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hoox/backend/chat"
	"hoox/backend/trading"
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

func TestACloseThatWasConfirmedClosesNoMoreThanItSaid(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	f.buy()
	for _, words := range []string{"/close BTCUSDT", "/close btc_usdt 50 %"} {
		_, answer := f.hear(f.update(words))
		label := answer.Messages[0].Buttons[0][0].Label
		before := f.open()[0].Quantity
		f.buy()
		held := f.open()[0].Quantity
		if had, _ := f.press(answer, label); len(f.open()) != 1 || f.open()[0].Quantity != held || !strings.Contains(had, "Now "+held+" is held") {
			t.Errorf("%s: had %q with %+v, want nothing done: %s were held when it was asked, %s now", words, had, f.open(), before, held)
		}
	}
}

func TestAPartInPercentIsNeverReadAsASize(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	_, answer := f.hear(f.update("/trade long DOGEUSDT 1000 paper"))
	f.press(answer, "LONG DOGEUSDT PAPER")
	for words, want := range map[string]string{"50 %": "Close 500 ", "50%": "Close 500 ", "100 %": "Close 1000 ", "50": "Close 50 ", "150%": "more than all", "1001": "more than", "1,5": "neither", "-5": "neither", "1e1": "neither", "٥": "neither", "50 percent": "neither", "5 0": "neither", "5 0 %": "neither", "0.5 %": "Close 5 ", "0%": "neither", "9999999999999999999999999999999999999999999": "neither"} {
		if had := f.say("/close DOGEUSDT " + words); !strings.Contains(had, want) {
			t.Errorf("/close DOGEUSDT %s: had %q, want %q", words, had, want)
		}
		f.asked[f.user] = nil
	}
}

func TestAFlattenIsOfEverythingThatWasSaidOrOfNothing(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	f.buy()
	if had, answer := f.hear(f.update("/flatten paper bybit")); answer.State != chat.Refused || !strings.Contains(had, "/flatten alone") {
		t.Errorf("two exchanges: had %q, want it refused: one of them would stay open", had)
	}
	had, answer := f.hear(f.update("/flatten PAPER"))
	if !strings.Contains(had, "paper:paper (PAPER)") {
		t.Errorf("had %q, want each position under its account and mode", had)
	}
	inner := f.p.house.book
	f.p.house.book = ledgerOf{inner, trading.Position{Account: "paper:live", Product: trading.Linear, Symbol: "ETHUSDT", Qty: trading.MustQty("1"), Cost: trading.MustMoney("2000")}}
	had, last := f.press(answer, "FLATTEN 1 positions PAPER")
	f.p.house.book = inner
	if len(f.open()) != 1 || last.State != chat.Refused || !strings.Contains(had, "LIVE") {
		t.Errorf("had %q, want nothing done: the button said PAPER, and a live position would be closed", had)
	}
}

// ledgerOf is a ledger with one position more.
type ledgerOf struct {
	book
	more trading.Position
}

func (l ledgerOf) Positions(ctx context.Context) ([]trading.Position, error) {
	list, err := l.book.Positions(ctx)
	return append(list, l.more), err
}

// authenticator switches codes on, and returns the code of a moment beside now.
func (f *phone) authenticator() func(beside time.Duration) string {
	f.t.Helper()
	const secret = "JBSWY3DPEHPK3PXP"
	must[Receipt](f.p, "Secrets/Set", map[string]string{"name": totpSecret, "value": secret})
	must[SettingRow](f.p, "Settings/Set", SetSetting{"telegram:totp", "true"})
	now := f.p.house.now()
	f.p.house.now = func() time.Time { return now }
	return func(beside time.Duration) string {
		text, err := totp.GenerateCode(secret, now.Add(beside))
		if err != nil {
			f.t.Fatal(err)
		}
		return text
	}
}

func TestNoCodeIsGoodTwiceWhoeverSendsIt(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	code := f.authenticator()
	send := func(words string) string { f.asked[f.user] = nil; f.buy(); return f.say(words) }
	if had := send(code(0)); !strings.Contains(had, "filled") {
		t.Fatalf("had %q", had)
	}
	for what, words := range map[string]string{"the one before": code(-codeStep), "the same once more": code(0)} {
		if had := send(words); !strings.Contains(had, "Nothing was done") {
			t.Errorf("%s: had %q, want it refused", what, had)
		}
	}
	other := *f
	other.user = 8
	pair, _ := f.pairing.offer(chat.Operator, "window")
	other.say("/start " + pair)
	other.buy()
	if had := other.say(code(0)); !strings.Contains(had, "Nothing was done") {
		t.Errorf("from another person: had %q, want it refused: they have read it over a shoulder", had)
	}
	if open := f.open(); len(open) != 1 || open[0].Quantity != "0.01" {
		t.Errorf("had %+v, want one entry", open)
	}
}

func TestCodesAreNotFoundByTrying(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	code := f.authenticator()
	for n := range mostWrongCodes {
		f.buy()
		if had := f.say(fmt.Sprintf("%06d", n)); !strings.Contains(had, "not the code") {
			t.Fatalf("had %q", had)
		}
		f.asked[f.user] = nil
	}
	f.buy()
	if had := f.say(code(0)); !strings.Contains(had, "none is taken") || len(f.open()) != 0 {
		t.Errorf("after %d wrong ones: had %q, want no code taken: a thief has all night", mostWrongCodes, had)
	}
	if had := f.say("/kill_on"); !strings.Contains(had, "HALTED") {
		t.Errorf("had %q, want halting never to wait", had)
	}
	later := f.p.house.now().Add(wrongCodesLast)
	if until := f.waiting.shut(f.user, later); !until.IsZero() {
		t.Errorf("an hour later no code is taken until %s, want one taken again", until)
	}
}

func TestACodeIsAskedForFromTheMomentItIsSwitchedOn(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	_, answer := f.hear(f.update("/trade long BTCUSDT 0.01 paper"))
	f.authenticator()
	if had, _ := f.press(answer, "LONG BTCUSDT PAPER"); !strings.Contains(had, "six digits") || len(f.open()) != 0 {
		t.Errorf("had %q, want a code asked for by a button that was there before", had)
	}
}
