package settings_test

import (
	"testing"

	"hoox/backend/settings"
	"hoox/backend/trading"
)

// FuzzSettingIsStoredOnceAndForAll writes any text into any setting: what is taken stays as it is stored, and every reader of
// its type can read it. A value that a reader panics at would stop the program at each start.
func FuzzSettingIsStoredOnceAndForAll(f *testing.F) {
	list := settings.Manifest()
	for i, s := range list {
		f.Add(uint8(i), s.Default)
	}
	for _, value := range []string{" TRUE ", "1e3", "-1", "9223372036854775808", "10.0.0.0/8, 1.2.3.4", `["::ffff:10.0.0.1/100"]`, `["a",]`, `{"BTCUSDT":"bybit","*":"paper"}`,
		`{"btcusdt":"bybit","BTCUSDT":"mexc"}`, `{"*":"Bybit"} `, "null", "\x00", "٣", "queue_everywhere", "btc_usdt, ETHUSDT@2026-11-23T10:00:00+02:00", "ſUSDT", "ßUSDT"} {
		for n := range list {
			f.Add(uint8(n), value)
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, value string) {
		s := list[int(n)%len(list)]
		stored, err := s.Canonical(value)
		if err != nil {
			if trading.KindOf(err) != trading.Invalid {
				t.Fatalf("%s = %q: had %v, want Invalid", s.Key, value, err)
			}
			return
		}
		if again, err := s.Canonical(stored); err != nil || again != stored {
			t.Fatalf("%s = %q is stored as %q and taken again as %q %v", s.Key, value, stored, again, err)
		}
		live := settings.NewLive()
		if refused := live.Load(map[string]string{s.Key: stored}); len(refused) > 0 {
			t.Fatalf("%s = %q is not taken at the next start: %v", s.Key, stored, refused)
		}
		now := live.Now()
		switch s.Type {
		case settings.Boolean:
			now.Bool(s.Key)
		case settings.Integer:
			now.Int(s.Key)
		case settings.Decimal:
			_, _ = now.Ratio(s.Key), now.Money(s.Key)
		case settings.List:
			now.List(s.Key)
			if s.Addresses {
				now.Prefixes(s.Key)
			}
			if s.Locks {
				now.Locks(s.Key)
			}
		case settings.Text, settings.Enum, settings.JSON:
			now.Text(s.Key)
		}
	})
}
