package app

import (
	"strings"
	"testing"

	"hoox/backend/chat"
)

func TestWhatIsNotCertainAboutAnEntryIsNotGuessed(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	for _, words := range []string{
		"/trade long short BTCUSDT 0.01 paper", "/trade long BTCUSDT 0.01 0.02 paper", "/trade long BTCUSDT 0.01 bybit paper", "/forcelong BTCUSDT short 0.01 paper",
		"/trade long BTCUSDT ETHUSDT 0.01 paper", "/trade long BTCUSDT 100 T paper", "/trade long BTCUSDT 100 BTCUSDT paper", "/trade long BTCUSDT 1,5 paper", "/trade long BTCUSDT 1e3 paper",
		"/trade long BTCUSDT -1 paper", "/trade long BTCUSDT 0 paper", "/trade long BTCUSDT ٥ paper", "/trade long BTCUSDT 100USDT% paper", "/trade long BTCUSDT 0.01 paper now",
		"/trade long BTCUSDT 500% paper", "/trade long NOSUCHUSDT 1 paper", "/trade long BTCUSDT 99999999999999999999999999999999999999999999 paper",
	} {
		f.asked[f.user] = nil
		if had, answer := f.hear(f.update(words)); answer.State != chat.Refused {
			t.Errorf("%s: had %q, want it refused: something of it was dropped or guessed", words, had)
		}
	}
	for words, want := range map[string]string{
		"/forcelong BTCUSDT 0.01 paper": "LONG BTCUSDT", "/forceshort@hoox_bot btcusdt 0.01 paper": "SHORT BTCUSDT", "/trade paper 100 btcusdt usdt short": "for 100 in its quote", "/trade long BTCUSDT .01 paper": "buy 0.01",
	} {
		f.asked[f.user] = nil
		if had := f.say(words); !strings.Contains(had, want) {
			t.Errorf("%s: had %q, want %q", words, had, want)
		}
	}
}

func TestAButtonEndsTheWordsThatWereAwaitedInsteadOfIt(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	f.buy()
	_, answer := f.hear(f.update("/trade"))
	f.press(answer, "BTCUSDT")
	if had := f.say("0.02"); !strings.Contains(had, "/help") {
		t.Errorf("had %q, want a size that was not asked for not taken for the symbol", had)
	}
}

func TestAnIdThatIsNoneSaysWhereTheyStand(t *testing.T) {
	f := newPhone(t, start(t), chat.Viewer)
	if had, answer := f.hear(f.update("/trace nosuch")); answer.State != chat.Refused || !strings.Contains(had, "/signals") {
		t.Errorf("/trace nosuch: had %q, want what to do", had)
	}
	f.p.buy()
	if had, answer := f.hear(f.update("/position")); answer.State != chat.Done || len(answer.Messages[0].Buttons) < 2 {
		t.Errorf("/position: had %q and %+v, want a button for each", had, answer.Messages[0].Buttons)
	}
}
