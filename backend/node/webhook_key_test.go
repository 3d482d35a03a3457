package node_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/strategy"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// by posts an alert with a key.
func (h *house) by(key, fields string) reply {
	h.t.Helper()
	res, err := http.Post("http://"+h.GatewayAddr()+"/webhook", "application/json", bytes.NewBufferString(`{"apiKey":"`+key+`",`+fields+`}`))
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	r := reply{status: res.StatusCode, body: string(data)}
	if err := json.Unmarshal(data, &r.json); err != nil {
		h.t.Fatalf("answer %q is no JSON: %v", data, err)
	}
	return r
}

// says posts an alert and wants its status.
func (h *house) says(status int, key, fields string) reply {
	h.t.Helper()
	r := h.by(key, fields)
	if r.status != status {
		h.t.Errorf("%s: had %d %s, want %d", fields, r.status, r.body, status)
	}
	return r
}

func (h *house) make(label string, b trading.Bounds, rate int) (trading.WebhookKey, string) {
	h.t.Helper()
	k, text, err := h.MakeWebhookKey(h.t.Context(), trading.WebhookKey{Label: label, Bounds: b, RateLimit: rate}, "test")
	if err != nil {
		h.t.Fatal(err)
	}
	return k, text
}

func (h *house) rotate(id string, overlap time.Duration) (trading.WebhookKey, string) {
	h.t.Helper()
	_, k, text, err := h.RotateWebhookKey(h.t.Context(), id, overlap, "test")
	if err != nil {
		h.t.Fatal(err)
	}
	return k, text
}

// shown is a key as a person sees it.
func (h *house) shown(id string) trading.WebhookKey {
	h.t.Helper()
	for _, k := range h.WebhookKeys() {
		if k.ID == id {
			return k
		}
	}
	h.t.Fatalf("there is no key %q in %+v", id, h.WebhookKeys())
	return trading.WebhookKey{}
}

func (h *house) rows() int {
	h.t.Helper()
	list, _, err := h.Store.Signals(h.t.Context(), trading.Page{Limit: 500})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(list)
}

func (h *house) routed(name string, accounts ...trading.AccountID) {
	h.t.Helper()
	s := strategy.Strategy{Name: name, Enabled: true}
	for _, id := range accounts {
		s.Routes = append(s.Routes, strategy.Route{Account: id, Enabled: true})
	}
	if _, err := h.Store.PutStrategy(h.t.Context(), s, 0, "test", h.Now()); err != nil {
		h.t.Fatal(err)
	}
}

// entry is an alert with a key of its own each time.
func entry(more string) string {
	return `"action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"` + string(trading.NewSignalID()) + `"` + more
}

// nothing is a close of nothing with a key of its own each time.
func nothing() string {
	return `"exchange":"bybit","action":"CLOSE","symbol":"BTCUSDT","idempotencyKey":"` + string(trading.NewSignalID()) + `"`
}

func TestA3_KeysAre256RandomBitsKeptAsDigestsAndShownOnce(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	k, text := h.make("first", trading.Bounds{}, 0)
	_, other := h.make("second", trading.Bounds{}, 0)
	_, next := h.rotate(k.ID, time.Hour)
	_, master := h.rotate(trading.MasterKey, time.Hour)
	seen := map[string]bool{}
	for _, s := range []string{text, other, next, master} {
		random, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(s, "hxw_"))
		if !strings.HasPrefix(s, "hxw_") || err != nil || len(random) != 32 || seen[s] {
			t.Errorf("%q: want hxw_ and 256 bits that no other key has (%v)", s, err)
		}
		seen[s] = true
		h.says(200, s, nothing())
	}
	if list := fmt.Sprintf("%+v", h.WebhookKeys()); strings.Contains(list, text) || strings.Contains(list, next) || !strings.Contains(list, next[len(next)-4:]) {
		t.Errorf("want the end of each text and no text in the list, had %s", list)
	}
	h.stop()
	seen[h.key] = true
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for s := range seen {
			if bytes.Contains(data, []byte(s)) {
				t.Errorf("%s holds a key in clear: whoever copies it can trade", d.Name())
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestA4_AKeyOfOneStrategyCannotTradeAnothersAccount(t *testing.T) {
	h := start(t, t.TempDir())
	h.routed("ema", "bybit:paper")
	h.routed("rsi", "binance:paper")
	_, bound := h.make("of ema", trading.Bounds{Strategy: "ema"}, 0)
	_, narrow := h.make("narrow", trading.Bounds{Accounts: []trading.AccountID{"bybit:paper"}, Symbols: []string{"BTC/USDT"}, Entries: trading.EntriesLong}, 0)
	for what, c := range map[string]struct{ key, fields string }{
		"another strategy":             {bound, entry(`,"strategy":"rsi"`)},
		"the account of another":       {narrow, entry(`,"strategy":"rsi"`)},
		"another exchange":             {narrow, entry(`,"exchange":"binance"`)},
		"another symbol":               {narrow, strings.Replace(entry(`,"exchange":"bybit"`), "BTCUSDT", "ETHUSDT", 1)},
		"the other side":               {narrow, strings.Replace(entry(`,"exchange":"bybit"`), "LONG", "SHORT", 1)},
		"another symbol, as a close":   {narrow, `"exchange":"bybit","action":"FLAT","symbol":"ETHUSDT"`},
		"real money, which is no test": {narrow, `"exchange":"mexc","action":"CLOSE","symbol":"BTCUSDT"`},
	} {
		had := h.says(403, c.key, c.fields)
		if had.json["code"] != "FORBIDDEN" || !strings.Contains(had.body, "outside what this key may do") || strings.Contains(had.body, "paper") {
			t.Errorf("%s: had %s, want the thing that is outside, and no account", what, had.body)
		}
	}
	if n := h.rows(); n != 0 {
		t.Errorf("%d rows, want none of what a key may not send", n)
	}
	for what, fields := range map[string]string{"none named": entry(""), "its own": entry(`,"strategy":"ema"`), "another exchange asked": entry(`,"exchange":"binance"`)} {
		if had := h.says(200, bound, fields); had.json["exchange"] != "bybit" {
			t.Errorf("%s: had %s, want the account of its strategy", what, had.body)
		}
	}
	h.says(200, narrow, entry(`,"exchange":"bybit"`))
	if positions, err := h.Store.Positions(t.Context()); err != nil || len(positions) != 1 || positions[0].Account != "bybit:paper" || positions[0].Qty.String() != "0.04" {
		t.Errorf("had %+v (%v), want the four entries on bybit alone", positions, err)
	}
}

func TestA4_OrderLargerThanTheKeyMaySendIsRefusedWithTheNumbers(t *testing.T) {
	h := start(t, t.TempDir())
	_, small := h.make("small", trading.Bounds{MaxOrder: trading.MustMoney("100")}, 0)
	had := h.says(422, small, entry(`,"exchange":"bybit"`))
	if had.json["code"] != "REFUSED" || !strings.Contains(had.body, "max order of the key: asked ") || !strings.Contains(had.body, "allowed 100 USDT") {
		t.Errorf("had %s, want the rule and both numbers", had.body)
	}
	h.says(200, small, strings.Replace(entry(`,"exchange":"bybit"`), "0.01", "0.001", 1))
	list, _, err := h.Store.Signals(t.Context(), trading.Page{Limit: 10})
	if err != nil || len(list) != 2 || list[1].Status != trading.SignalRefused || h.KeyLabel(list[1].Credential) != "small" {
		t.Errorf("had %+v (%v), want the refusal on record beside the order, both under their key", list, err)
	}
}

func TestA5_RevokedKeyOpensNothingAtOnceAndForEver(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	k, text := h.make("lost", trading.Bounds{}, 0)
	h.says(200, text, nothing())
	if _, after, err := h.RevokeWebhookKey(t.Context(), k.ID, "test"); err != nil || after.RevokedAt.IsZero() {
		t.Fatalf("had %+v %v", after, err)
	}
	h.says(403, text, nothing())
	h.says(200, h.key, nothing())
	first := h.shown(k.ID)
	if _, again, err := h.RevokeWebhookKey(t.Context(), k.ID, "somebody else"); err != nil || again.Actor != "test" || again.Version != first.Version {
		t.Errorf("a second time: had %+v %v, want it to stay as it is", again, err)
	}
	if _, _, _, err := h.RotateWebhookKey(t.Context(), k.ID, 0, "test"); trading.KindOf(err) != trading.Refused {
		t.Errorf("rotated after it: had %v, want Refused: what is revoked does not come back", err)
	}
	h.stop()
	h = start(t, dir)
	h.says(403, text, nothing())
	if _, _, err := h.RevokeWebhookKey(t.Context(), trading.MasterKey, "test"); trading.KindOf(err) != trading.Refused {
		t.Errorf("the master key: had %v, want Refused with what to do instead", err)
	}
}

func TestA5_KeyThatIsRevokedInTheLedgerOpensNothingWhateverElseStandsThere(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	k, text := h.make("odd", trading.Bounds{}, 0)
	k.RevokedAt = h.Now()
	if _, err := h.Store.PutWebhookKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	h.stop()
	start(t, dir).says(403, text, nothing())
}

func TestA5_RevokedKeyOpensNothingAlsoWhenTheLedgerCannotBeWritten(t *testing.T) {
	h := start(t, t.TempDir())
	k, text := h.make("lost", trading.Bounds{}, 0)
	if err := h.Store.Close(); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.RevokeWebhookKey(t.Context(), k.ID, "test")
	if trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "revoke it again") {
		t.Errorf("had %v, want the truth about the disk", err)
	}
	h.says(403, text, nothing())
}

func TestA5_OldTextOpensForTheOverlapAndNotLonger(t *testing.T) {
	var ahead atomic.Int64
	c, err := node.Load(node.Flags{DataDir: t.TempDir(), GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	h := run(t, c)
	k, first := h.make("k", trading.Bounds{}, 0)
	rotated, second := h.rotate(k.ID, time.Hour)
	_, master := h.rotate(trading.MasterKey, 24*time.Hour)
	if len(rotated.Texts) != 2 || rotated.Texts[1].EndsAt.Sub(h.Now()).Round(time.Minute) != time.Hour {
		t.Errorf("texts %+v, want the old one to end in an hour", rotated.Texts)
	}
	h.says(200, first, nothing())
	h.says(200, second, nothing())
	h.says(200, h.key, nothing())
	ahead.Store(int64(time.Hour + time.Second))
	h.says(403, first, nothing())
	h.says(200, second, nothing())
	h.says(200, h.key, nothing())
	_, third := h.rotate(k.ID, 0)
	h.says(403, second, nothing())
	h.says(200, third, nothing())
	if n := len(h.shown(k.ID).Texts); n != 1 {
		t.Errorf("%d texts are kept, want the ended ones forgotten", n)
	}
	ahead.Store(int64(24*time.Hour + time.Second))
	h.says(403, h.key, nothing())
	h.says(200, master, nothing())
	for _, overlap := range []time.Duration{-time.Minute, 24*time.Hour + time.Minute} {
		if _, _, _, err := h.RotateWebhookKey(t.Context(), k.ID, overlap, "test"); trading.KindOf(err) != trading.Invalid {
			t.Errorf("an overlap of %s: had %v, want Invalid", overlap, err)
		}
	}
}

func TestA5_RotatedMasterKeyOutlivesARestartAndSoDoesItsOldText(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	old := h.key
	_, next := h.rotate(trading.MasterKey, time.Hour)
	h.stop()
	h = start(t, dir)
	if h.key != next {
		t.Fatal("want the new text in the vault")
	}
	h.says(200, old, nothing())
	h.says(200, next, nothing())
	if texts := h.shown(trading.MasterKey).Texts; len(texts) != 2 || texts[0].Hint != next[len(next)-4:] || texts[1].Hint != old[len(old)-4:] || texts[1].SeenAt.IsZero() {
		t.Errorf("texts %+v, want the new one and then the old one, which is still in use", texts)
	}
	_, last := h.rotate(trading.MasterKey, 0)
	h.says(403, old, nothing())
	h.says(403, next, nothing())
	h.says(200, last, nothing())
}

func TestMasterKeyThatIsGivenOrShortIsNotRotatedWithAnOverlap(t *testing.T) {
	h := start(t, t.TempDir())
	if err := h.Vault.Set(vault.WebhookKey, vault.NewSecret("short-and-known")); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := h.RotateWebhookKey(t.Context(), trading.MasterKey, time.Hour, "test"); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "overlap of 0") {
		t.Errorf("a short one: had %v, want Refused: its digest would give it away", err)
	}
	_, text := h.rotate(trading.MasterKey, 0)
	h.says(200, text, nothing())
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", "given-for-this-run-by-the-environment")
	if _, _, _, err := h.RotateWebhookKey(t.Context(), trading.MasterKey, 0, "test"); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "HOOX_SECRET_WEBHOOK_API_KEY") {
		t.Errorf("a given one: had %v, want Refused with the name of the variable: the new text would open nothing", err)
	}
}

func TestMasterKeyThatCouldNotBeRotatedIsAsBefore(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	// The vault can be read but not changed.
	if err := os.Remove(filepath.Join(dir, "vault.lock")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "vault.lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, text, err := h.RotateWebhookKey(t.Context(), trading.MasterKey, time.Hour, "test"); err == nil || text != "" {
		t.Fatalf("had %q %v, want an error and no text", text, err)
	}
	h.says(200, h.key, nothing())
	stored, err := h.Store.WebhookKeys(t.Context())
	if err != nil || len(stored[0].Texts) != 0 {
		t.Errorf("the ledger has %+v (%v), want no old text: it would open after somebody has set another one by hand", stored[0], err)
	}
}

func TestAlertThatComesAgainWithTheNextTextIsKnown(t *testing.T) {
	h := start(t, t.TempDir())
	k, first := h.make("one", trading.Bounds{}, 0)
	_, other := h.make("two", trading.Bounds{}, 0)
	const same = `"exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"same"`
	h.says(200, first, same)
	_, second := h.rotate(k.ID, time.Hour)
	h.says(409, second, same)
	h.says(200, other, same)
	if n := h.rows(); n != 2 {
		t.Errorf("%d signals, want two: one for each key that used the text, and none for a redelivery", n)
	}
}

func TestUseOfAKeyIsCountedInMemoryAndOnDiskByTheNextStart(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	k, text := h.make("busy", trading.Bounds{}, 0)
	for range 5 {
		h.says(400, text, `"action":"nonsense"`)
	}
	h.says(403, text+"x", `"action":"nonsense"`)
	if stored, err := h.Store.WebhookKeys(t.Context()); err != nil || len(stored) != 2 || stored[1].Uses != 0 {
		t.Errorf("the ledger has %+v (%v), want no write for a count", stored, err)
	}
	had := h.shown(k.ID)
	if had.Uses != 5 || had.SeenFrom != "127.0.0.1" || had.SeenAt.IsZero() || had.Texts[0].SeenAt.IsZero() {
		t.Errorf("had %+v, want five uses from this computer", had)
	}
	if _, _, err := h.ChangeWebhookKey(t.Context(), trading.WebhookKey{ID: k.ID, Label: "renamed", Version: had.Version}, "test"); err != nil {
		t.Fatal(err)
	}
	h.stop()
	h = start(t, dir)
	if had := h.shown(k.ID); had.Uses != 5 || had.SeenFrom != "127.0.0.1" || had.Label != "renamed" || had.Texts[0].SeenAt.IsZero() {
		t.Errorf("had %+v after a start, want its uses kept", had)
	}
}

func TestChangedScopeIsInForceAtOnceAndAStaleOneIsAConflict(t *testing.T) {
	h := start(t, t.TempDir())
	k, text := h.make("k", trading.Bounds{}, 0)
	h.says(200, text, entry(`,"exchange":"bybit"`))
	edit := trading.WebhookKey{ID: k.ID, Label: "k", Version: k.Version, Bounds: trading.Bounds{Entries: trading.EntriesNone}}
	before, after, err := h.ChangeWebhookKey(t.Context(), edit, "test")
	if err != nil || before.Bounds.Entries != trading.EntriesBoth || after.Bounds.Entries != trading.EntriesNone || after.Version != k.Version+1 {
		t.Fatalf("had %+v then %+v %v", before, after, err)
	}
	h.says(403, text, entry(`,"exchange":"bybit"`))
	h.says(200, text, nothing())
	if _, _, err := h.ChangeWebhookKey(t.Context(), edit, "test"); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want Conflict: somebody else was faster", err)
	}
}

func TestKeyForWhatDoesNotExistIsNotMade(t *testing.T) {
	h := start(t, t.TempDir())
	h.make("Taken", trading.Bounds{}, 0)
	for field, draft := range map[string]trading.WebhookKey{
		"label":     {Label: "taken"},
		"label ":    {Label: "  "},
		"strategy":  {Label: "a", Bounds: trading.Bounds{Strategy: "none"}},
		"accounts":  {Label: "a", Bounds: trading.Bounds{Accounts: []trading.AccountID{"bybit:paper", "bybit:liv"}}},
		"symbols":   {Label: "a", Bounds: trading.Bounds{Symbols: []string{"BTC*"}}},
		"entries":   {Label: "a", Bounds: trading.Bounds{Entries: "some"}},
		"maxOrder":  {Label: "a", Bounds: trading.Bounds{MaxOrder: trading.MustMoney("-1")}},
		"rateLimit": {Label: "a", RateLimit: -1},
	} {
		_, text, err := h.MakeWebhookKey(t.Context(), draft, "test")
		known, _ := err.(*trading.Error)
		if known == nil || known.Kind != trading.Invalid || known.Field != strings.TrimSpace(field) || text != "" {
			t.Errorf("%+v: had %v, want Invalid for %s: the key would open nothing, or more than was meant", draft, err, field)
		}
	}
	if n := len(h.WebhookKeys()); n != 2 {
		t.Errorf("%d keys, want the master and one", n)
	}
}

func TestBoundKeyOpensNothingOnceItsStrategyIsDeleted(t *testing.T) {
	h := start(t, t.TempDir())
	h.routed("ema", "bybit:paper")
	_, text := h.make("of ema", trading.Bounds{Strategy: "ema"}, 0)
	h.says(200, text, entry(""))
	if err := h.Store.DeleteStrategy(t.Context(), "ema", 1, "test", h.Now()); err != nil {
		t.Fatal(err)
	}
	h.says(403, text, entry(`,"exchange":"binance"`))
	if n := h.rows(); n != 1 {
		t.Errorf("%d rows, want one: without its strategy the alert would choose its account itself", n)
	}
}

func TestRequeuedAlertFollowsTheStrategyThatItsKeyWasBoundTo(t *testing.T) {
	h := start(t, t.TempDir())
	h.routed("ema", "mexc:paper")
	_, text := h.make("of ema", trading.Bounds{Strategy: "ema", MaxOrder: trading.MustMoney("1")}, 0)
	refused := h.says(422, text, entry(`,"exchange":"bybit"`))
	id, _ := refused.json["requestId"].(string)
	receipt, err := h.Requeue(t.Context(), trading.SignalID(id), trading.FromCLI, "test")
	if err != nil || receipt.Account != "mexc:paper" {
		t.Errorf("had %+v %v, want the account of the strategy, although the text names none", receipt, err)
	}
}

func TestKeysChangeWhileAlertsComeIn(t *testing.T) {
	h := start(t, t.TempDir())
	k, text := h.make("k", trading.Bounds{}, 0)
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() {
			for range 20 {
				h.by(text, `"action":"nonsense"`)
				h.WebhookKeys()
				h.KeyLabel(k.ID)
			}
		})
	}
	for n := range 20 {
		h.rotate(k.ID, time.Hour)
		h.make(fmt.Sprint("more ", n), trading.Bounds{}, 0)
	}
	work.Wait()
	if had := h.shown(k.ID); had.Uses != 60 || len(had.Texts) != 21 {
		t.Errorf("had %d uses and %d texts, want 60 and 21: a change lost some", had.Uses, len(had.Texts))
	}
}
