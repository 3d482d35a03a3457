package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"hoox/backend/strategy"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// with posts an alert with a key and returns the status.
func (p *program) with(key, fields string) int {
	p.t.Helper()
	got, err := postAlert(context.Background(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"`+key+`",`+fields+`}`), time.Now)
	if err != nil {
		p.t.Fatal(err)
	}
	return got.Status
}

// closing is an alert that changes nothing, with a key of its own each time.
func closeOf() string {
	return `"exchange":"paper","action":"CLOSE","symbol":"BTCUSDT","idempotencyKey":"` + randomText() + `"`
}

func TestAKeyIsMadeUsedChangedRotatedAndRevoked(t *testing.T) {
	p := start(t)
	if _, err := p.node.Store.PutStrategy(t.Context(), strategy.Strategy{Name: "ema", Enabled: true}, 0, "test", noon); err != nil {
		t.Fatal(err)
	}
	scope := WebhookKeyScope{Strategy: "ema", Accounts: []string{"paper:paper"}, Symbols: []string{"btc/usdt"}, Entries: "long", MaxOrder: "5000", RateLimit: 30}
	made := must[NewWebhookKey](p, "WebhookKeys/Create", CreateWebhookKey{Label: "scalper", Scope: scope})
	row := made.Row
	if !strings.HasPrefix(made.Key, "hxw_") || row.Label != "scalper" || row.Scope.Symbols[0] != "BTCUSDT" || row.Scope.MaxOrder != "5000" || row.Actor != "cli" ||
		len(row.Texts) != 1 || row.Texts[0].Hint != trading.KeyHint(made.Key) || row.Master {
		t.Fatalf("had %+v", made)
	}
	if status := p.with(made.Key, `"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01`); status != 200 {
		t.Fatalf("its alert was answered %d", status)
	}
	if status := p.with(made.Key, `"exchange":"paper","action":"LONG","symbol":"ETHUSDT","quantity":0.01`); status != 403 {
		t.Errorf("another symbol was answered %d, want 403", status)
	}
	s := must[SignalPage](p, "Signals/List", PageRequest{}).Items
	if len(s) != 1 || s[0].Credential != row.ID || s[0].KeyLabel != "scalper" || s[0].Strategy != "ema" {
		t.Errorf("signals %+v, want one with the label of its key", s)
	}
	list := must[WebhookKeyList](p, "WebhookKeys/List", Empty{}).Items
	if len(list) != 2 || !list[0].Master || list[1].Uses != 2 || list[1].LastSeenAt == "" || list[1].LastSeenFrom != "127.0.0.1" {
		t.Errorf("had %+v, want the master key and then this one with its use", list)
	}
	scope.Symbols = nil
	changed := must[WebhookKeyRow](p, "WebhookKeys/Update", UpdateWebhookKey{ID: row.ID, Version: row.Version, Label: "renamed", Scope: scope})
	if changed.Label != "renamed" || len(changed.Scope.Symbols) != 0 {
		t.Errorf("had %+v", changed)
	}
	if _, fault := call[WebhookKeyRow](p, "WebhookKeys/Update", UpdateWebhookKey{ID: row.ID, Version: row.Version, Label: "late", Scope: scope}); fault.Kind != "conflict" {
		t.Errorf("a stale edit: had %+v, want conflict", fault)
	}
	rotated := must[NewWebhookKey](p, "WebhookKeys/Rotate", RotateWebhookKey{ID: row.ID, OverlapMinutes: 60})
	if rotated.Key == made.Key || len(rotated.Row.Texts) != 2 || rotated.Row.Texts[1].ExpiresAt == "" || p.with(made.Key, closeOf()) != 200 || p.with(rotated.Key, closeOf()) != 200 {
		t.Errorf("had %+v, want both texts to open", rotated.Row)
	}
	revoked := must[WebhookKeyRow](p, "WebhookKeys/Revoke", WebhookKeyID{ID: row.ID})
	if revoked.RevokedAt == "" || len(revoked.Texts) != 0 || p.with(made.Key, closeOf()) != 403 || p.with(rotated.Key, closeOf()) != 403 {
		t.Errorf("had %+v, want neither text to open", revoked)
	}
	var kept []string
	for _, l := range p.lines(AuditFilter{Actor: "cli"}) {
		if l.Subject == row.ID {
			kept = append(kept, l.Action+" "+l.Decision+": "+l.Before+" → "+l.After)
		}
	}
	const may = "strategy ema; on paper:paper; opens long only; orders up to 5000; 30 in 60 s"
	for i, want := range []string{
		"webhook_key.revoke done: renamed: " + may, "webhook_key.rotate done: renamed: " + may, "webhook_key.change refused: ",
		"webhook_key.change done: scalper: strategy ema; on paper:paper; BTCUSDT; opens long only", "webhook_key.create done:  → scalper: strategy ema",
	} {
		if i >= len(kept) || !strings.HasPrefix(kept[i], want) {
			t.Fatalf("had %q, want %q in its place: every change of who may trade is written down, with what it was", kept, want)
		}
	}
	log := p.stderr.String() + strings.Join(kept, " ")
	if strings.Contains(log, made.Key) || strings.Contains(log, rotated.Key) {
		t.Error("the text of a key is in the log or in the audit")
	}
}

func TestWrongRequestsAboutKeysNameTheirField(t *testing.T) {
	p := start(t)
	for field, scope := range map[string]WebhookKeyScope{
		"maxOrder": {MaxOrder: "0"}, "maxOrder ": {MaxOrder: "1e3"}, "maxOrder  ": {MaxOrder: "-5"}, "entries": {Entries: "LONG"}, "symbols": {Symbols: []string{"*"}},
		"accounts": {Accounts: []string{""}}, "strategy": {Strategy: "none"}, "rateLimit": {RateLimit: -1},
	} {
		if _, fault := call[NewWebhookKey](p, "WebhookKeys/Create", CreateWebhookKey{Label: "x", Scope: scope}); fault.Kind != "invalid" || fault.Field != strings.TrimSpace(field) {
			t.Errorf("%+v: had %+v, want invalid for %s", scope, fault, field)
		}
	}
	for _, minutes := range []int{-1, 1441, 307445734561825861} {
		if _, fault := call[NewWebhookKey](p, "WebhookKeys/Rotate", RotateWebhookKey{ID: "webhook", OverlapMinutes: minutes}); fault.Kind != "invalid" || fault.Field != "overlapMinutes" {
			t.Errorf("an overlap of %d: had %+v, want invalid", minutes, fault)
		}
	}
	if _, fault := call[WebhookKeyRow](p, "WebhookKeys/Revoke", WebhookKeyID{ID: "none"}); fault.Kind != "not_found" {
		t.Errorf("a key that is not there: had %+v", fault)
	}
	for _, method := range []string{"WebhookKeys/Revoke", "WebhookKeys/Rotate", "WebhookKeys/Update"} {
		var request any = WebhookKeyID{ID: "webhook"}
		switch method {
		case "WebhookKeys/Rotate":
			request = RotateWebhookKey{ID: "webhook"}
		case "WebhookKeys/Update":
			request = UpdateWebhookKey{ID: "webhook", Version: 1, Label: "x"}
		}
		if _, fault := call[map[string]any](p, method, request); fault.Kind != "refused" || fault.Message == "" {
			t.Errorf("%s of the master key of this run: had %+v, want refused with what to do", method, fault)
		}
	}
	if n := len(must[WebhookKeyList](p, "WebhookKeys/List", Empty{}).Items); n != 1 {
		t.Errorf("%d keys, want the master key alone", n)
	}
}

func TestKeysInTheTerminal(t *testing.T) {
	p := start(t)
	code, out, words := p.hoox("", "keys", "create", "scalper", "--accounts", "paper:paper, bybit:paper", "--symbols", "BTCUSDT.P", "--entries", "none", "--rate", "7")
	key := strings.TrimSpace(out)
	if code != exitOK || !strings.HasPrefix(key, "hxw_") || strings.Contains(key, " ") || !strings.Contains(words, "shown once") || !strings.Contains(words, "closes only") {
		t.Fatalf("had %d %q %q, want the text alone on stdout", code, out, words)
	}
	code, out, _ = p.hoox("", "keys")
	for _, part := range []string{"master key", "everything", "scalper", "on paper:paper, bybit:paper; BTCUSDT.P; closes only; 7 in 60 s", "…" + key[len(key)-4:]} {
		if code != exitOK || !strings.Contains(out, part) || strings.Contains(out, key) {
			t.Errorf("the list has no %q, or a text: %d %s", part, code, out)
		}
	}
	code, out, _ = p.hoox("", "keys", "update", "Scalper", "--symbols", "any", "--entries", "both", "--json")
	var row WebhookKeyRow
	if err := json.Unmarshal([]byte(out), &row); err != nil || code != exitOK || len(row.Scope.Symbols) != 0 || row.Scope.RateLimit != 7 || len(row.Scope.Accounts) != 2 || row.Scope.Entries != "both" {
		t.Errorf("had %d %s (%v), want what was not named to stay", code, out, err)
	}
	code, out, words = p.hoox("", "keys", "rotate", "scalper", "--overlap", "15")
	if next := strings.TrimSpace(out); code != exitOK || next == key || !strings.Contains(words, "…"+key[len(key)-4:]+" opens until") {
		t.Errorf("had %d %q %q", code, out, words)
	}
	if code, out, _ := p.hoox("", "keys", "rotate", row.ID, "--overlap", "0", "--json"); code != exitOK || !strings.Contains(out, `"key": "hxw_`) || p.with(key, closeOf()) != 403 {
		t.Errorf("had %d %s, want the old text ended at once", code, out)
	}
	if code, out, _ := p.hoox("", "keys", "revoke", "scalper"); code != exitOK || !strings.Contains(out, "is revoked") {
		t.Errorf("had %d %s", code, out)
	}
	if _, out, _ := p.hoox("", "keys", "list"); !strings.Contains(out, "REVOKED") {
		t.Errorf("the list says %s, want that it is revoked", out)
	}
	if code, out, _ := p.hoox("", "keys", "create", "scalper"); code != exitOK || !strings.HasPrefix(out, "hxw_") {
		t.Errorf("a new key of a revoked one's label: had %d %s", code, out)
	}
	if code, out, _ := p.hoox("", "keys", "update", "scalper", "--max-order", "12.5"); code != exitOK || !strings.Contains(out, "orders up to 12.5") {
		t.Errorf("had %d %s, want the open one of two of that label", code, out)
	}
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"no overlap": {[]string{"rotate", "scalper"}, exitUsage}, "too long": {[]string{"rotate", "scalper", "--overlap", "1441"}, exitUsage}, "no such key": {[]string{"revoke", "none"}, exitFailed},
		"the master key": {[]string{"revoke", "master"}, exitRefused}, "an empty list": {[]string{"create", "x", "--accounts", ""}, exitUsage}, "no label": {[]string{"create"}, exitUsage},
	} {
		if code, out, words := p.hoox("", append([]string{"keys"}, c.args...)...); code != c.code || out != "" || words == "" {
			t.Errorf("%s: had %d %q %q, want %d and words", name, code, out, words, c.code)
		}
	}
	if code, out, _ := p.hoox("", "keys", "rotate", "--help"); code != exitOK || !strings.Contains(out, "--overlap") {
		t.Errorf("--help: had %d %s", code, out)
	}
}

func TestRotatedMasterKeyIsTheOneThatIsRevealed(t *testing.T) {
	p := start(t)
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", "")
	if err := p.node.Vault.Set(vault.WebhookKey, vault.NewSecret(testKey)); err != nil {
		t.Fatal(err)
	}
	made := must[NewWebhookKey](p, "WebhookKeys/Rotate", RotateWebhookKey{ID: "webhook", OverlapMinutes: 60})
	if had := must[RevealedKey](p, "Alerts/Reveal", Empty{}); had.Key != made.Key {
		t.Errorf("another key is revealed than was made")
	}
	texts := must[WebhookKeyList](p, "WebhookKeys/List", Empty{}).Items[0].Texts
	if len(made.Row.Texts) != 2 || len(texts) != 2 || texts[0].Hint != trading.KeyHint(made.Key) || texts[0].ExpiresAt != "" || texts[1].Hint != trading.KeyHint(testKey) || texts[1].ExpiresAt == "" {
		t.Errorf("had %+v then %+v, want the new text and the old one with its end", made.Row.Texts, texts)
	}
	if p.with(testKey, closeOf()) != 200 || p.with(made.Key, closeOf()) != 200 {
		t.Error("want both texts to open")
	}
}

func TestTextOfAWebhookKeyIsCutOutOfTheLogWhoeverMadeIt(t *testing.T) {
	var b lockedBuffer
	r := &redactor{to: &b}
	if _, err := r.Write([]byte("came with hxw_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE in its comment\n")); err != nil {
		t.Fatal(err)
	}
	if had := b.String(); had != "came with ••• in its comment\n" {
		t.Errorf("had %q: a key that this program never knew lets somebody in elsewhere", had)
	}
}
