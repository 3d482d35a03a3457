package app

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hoox/backend/chat"
)

func (f *phone) lockedNow() string { return f.p.house.settings.Now().Text(locksKey) }

func TestASymbolIsLockedAtOnceAndOnlyEverForLonger(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	if had := f.say("/locks"); !strings.Contains(had, "No symbol is locked") {
		t.Errorf("had %q", had)
	}
	if had := f.say("/lock btc_usdt 2h"); !strings.Contains(had, "Locked: BTCUSDT") {
		t.Fatalf("had %q", had)
	}
	two := f.p.house.settings.Now().Locks(locksKey)
	if len(two) != 1 || two[0].Symbol != "BTCUSDT" {
		t.Fatalf("had %+v", two)
	}
	if left := two[0].Until.Sub(f.p.house.now()); left > 2*time.Hour+time.Second || left < 2*time.Hour-time.Minute {
		t.Errorf("it is locked for %s, want two hours", left)
	}
	if had := f.say("/lock BTCUSDT 1h"); !strings.Contains(had, "already") || f.p.house.settings.Now().Locks(locksKey)[0] != two[0] {
		t.Errorf("had %q and %s: a shorter lock loosened it", had, f.lockedNow())
	}
	if f.say("/lock BTCUSDT 3d"); !f.p.house.settings.Now().Locks(locksKey)[0].Until.After(two[0].Until) {
		t.Errorf("had %s, want it locked for longer", f.lockedNow())
	}
	if f.say("/lock ETHUSDT 2099-01-01T00:00:00Z"); !strings.Contains(f.lockedNow(), "ETHUSDT@2099-01-01T00:00:00Z") {
		t.Errorf("had %s", f.lockedNow())
	}
	f.say("/lock BTCUSDT")
	if f.say("/lock BTCUSDT 2h"); f.lockedNow() != `["ETHUSDT@2099-01-01T00:00:00Z","BTCUSDT"]` {
		t.Errorf("had %s, want BTCUSDT locked until it is unlocked", f.lockedNow())
	}
	if had := f.say("/locks"); !strings.Contains(had, "BTCUSDT") || !strings.Contains(had, "ETHUSDT") || !strings.Contains(had, "unlocked") || !strings.Contains(had, "Jan 2099") && !strings.Contains(had, "Dec 2098") {
		t.Errorf("had %q, want both, and until which year", had)
	}
	if had := f.say("/trade long BTCUSDT 0.01 paper"); !strings.Contains(had, "symbol locked") {
		t.Errorf("had %q, want to be told that an entry is refused, and why", had)
	}
}

func TestWhatIsNoLockLocksNothing(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	for _, words := range []string{"/lock", "/lock BYBIT:BTCUSDT", "/lock BTCUSDT.P", "/lock BTCUSDT soon", "/lock BTCUSDT 0h", "/lock BTCUSDT -2h", "/lock BTCUSDT 2h 3h",
		"/lock BTCUSDT 99999h", "/lock BTCUSDT 2020-01-01T00:00:00Z", "/lock BTCUSDT@2099-01-01T00:00:00Z 2h", "/unlock"} {
		if had, answer := f.hear(f.update(words)); answer.State != chat.Refused || f.lockedNow() != "[]" {
			t.Errorf("%s: had %q and %s, want it refused in words", words, had, f.lockedNow())
		}
	}
}

func TestTwoLocksAtOnceAreBothKept(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	symbols := []string{"AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT", "FFFUSDT"}
	var all sync.WaitGroup
	for _, s := range symbols {
		u := f.update("/lock " + s)
		all.Go(func() { f.Obey(context.Background(), u) })
	}
	all.Wait()
	if had := f.p.house.settings.Now().Locks(locksKey); len(had) != len(symbols) {
		t.Errorf("had %s, want all six: one was lost to another", f.lockedNow())
	}
}

func TestALockIsTakenOffFromAPhoneOnlyWithACode(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.say("/lock BTCUSDT")
	if had, answer := f.hear(f.update("/unlock BTCUSDT")); answer.State != chat.Refused || !strings.Contains(had, "desktop") || f.lockedNow() != `["BTCUSDT"]` {
		t.Fatalf("without an authenticator: had %q and %s, want to be sent to the desktop", had, f.lockedNow())
	}
	if had, answer := f.hear(f.update("/set " + locksKey + " ETHUSDT")); answer.State != chat.Refused {
		t.Errorf("/set that drops a lock: had %q, want it refused", had)
	}
	const secret = "JBSWY3DPEHPK3PXP"
	must[Receipt](f.p, "Secrets/Set", map[string]string{"name": totpSecret, "value": secret})
	must[SettingRow](f.p, "Settings/Set", SetSetting{"telegram:totp", "true"})
	if had := f.say("/unlock ETHUSDT"); !strings.Contains(had, "not locked") {
		t.Errorf("had %q", had)
	}
	_, answer := f.hear(f.update("/unlock btc/usdt"))
	if f.lockedNow() != `["BTCUSDT"]` {
		t.Fatal("it was unlocked before anybody confirmed it")
	}
	if words, _ := f.press(answer, "Unlock BTCUSDT"); !strings.Contains(words, "six digits") || f.lockedNow() != `["BTCUSDT"]` {
		t.Fatalf("had %q and %s, want to be asked for a code first", words, f.lockedNow())
	}
	if words := f.say("000000"); !strings.Contains(words, "Nothing was done") || f.lockedNow() != `["BTCUSDT"]` {
		t.Fatalf("a wrong code: had %q and %s", words, f.lockedNow())
	}
	_, answer = f.hear(f.update("/unlock BTCUSDT"))
	f.press(answer, "Unlock BTCUSDT")
	code, err := totp.GenerateCode(secret, f.p.house.now())
	if err != nil {
		t.Fatal(err)
	}
	if words := f.say(code); !strings.Contains(words, "Unlocked") || f.lockedNow() != "[]" {
		t.Fatalf("had %q and %s", words, f.lockedNow())
	}
	if had := f.say("/trade long BTCUSDT 0.01 paper"); strings.Contains(had, "symbol locked") {
		t.Errorf("had %q, want to be asked whether to buy", had)
	}
}

func TestALockThatChangedMeanwhileIsNotTakenOff(t *testing.T) {
	f := newPhone(t, start(t), chat.Owner)
	f.say("/lock BTCUSDT 1h")
	const secret = "JBSWY3DPEHPK3PXP"
	must[Receipt](f.p, "Secrets/Set", map[string]string{"name": totpSecret, "value": secret})
	must[SettingRow](f.p, "Settings/Set", SetSetting{"telegram:totp", "true"})
	_, answer := f.hear(f.update("/unlock BTCUSDT"))
	f.say("/lock BTCUSDT")
	f.press(answer, "Unlock BTCUSDT")
	code, err := totp.GenerateCode(secret, f.p.house.now())
	if err != nil {
		t.Fatal(err)
	}
	if words := f.say(code); !strings.Contains(words, "changed meanwhile") || f.lockedNow() != `["BTCUSDT"]` {
		t.Errorf("had %q and %s: the lock that somebody has made longer since is gone", words, f.lockedNow())
	}
}
