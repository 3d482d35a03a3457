package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

const vaultWords = "four words nobody guesses"

// handed is what the environment of a start hands over.
func handed(t *testing.T, variables map[string]string) vault.Handover {
	t.Helper()
	h, err := vault.TakeHandover(func(name string) (string, bool) { v, ok := variables[name]; return v, ok }, func(name string) error {
		delete(variables, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// sealedFolder is a data folder whose vault a passphrase opens.
func sealedFolder(t *testing.T) string {
	t.Helper()
	dir := privateDir(t)
	if code, out, words := hoox(t, vaultWords+"\n", "--data-dir", dir, "vault", "seal", "passphrase"); code != exitOK || !strings.Contains(out, "passphrase") {
		t.Fatalf("seal: had %d %q %q", code, out, words)
	}
	return dir
}

// memoryChain is a keychain that may be away.
type memoryChain struct {
	mu      sync.Mutex
	entries map[string]string
	away    error
}

func (c *memoryChain) Get(_, user string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text, ok := c.entries[user]; ok || c.away != nil {
		return text, c.away
	}
	return "", vault.ErrNoEntry
}

func (c *memoryChain) Set(_, user, password string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[user] = password
	return c.away
}

func (c *memoryChain) Delete(_, user string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, user)
	return c.away
}

func (c *memoryChain) goAway(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = err
}

func TestAWindowStartsLockedAndACommandUnlocksIt(t *testing.T) {
	config := configOf(t, sealedFolder(t), testEnv)
	config.StartLocked = true
	p := startOn(t, config)
	await(t, func() bool { _, err := os.Stat(controlPath(p.dir)); return err == nil })
	first := p.token.Reveal()

	health := must[HealthReport](p, "Health/Get", Empty{})
	for _, part := range health.Items {
		if (part.Name == "vault" || part.Name == "gateway") && (part.State != "down" || !strings.Contains(part.Detail+part.Fix, "unlock")) {
			t.Errorf("%s is %s: %s (%s), want it down, locked, and what to do", part.Name, part.State, part.Detail, part.Fix)
		}
	}
	if got, err := postAlert(t.Context(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"x"}`), time.Now); err != nil || got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Body, "locked") {
		t.Errorf("an alert was answered %d %s (%v), want 503 and that it is locked", got.Status, got.Body, err)
	}
	for _, method := range []string{"Alerts/Reveal", "Alerts/Address"} {
		if _, fault := call[RevealedKey](p, method, Empty{}); fault.Kind != "unavailable" || !strings.Contains(fault.Message, "locked") {
			t.Errorf("%s: had %+v, want unavailable", method, fault)
		}
	}
	if _, err := p.node.Desk.Admit(t.Context(), trading.Signal{}); trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "locked") {
		t.Errorf("the desk said %v: an order without the key of order ids could be sent twice", err)
	}
	if list := must[SecretList](p, "Secrets/List", Empty{}); !list.Vault.Locked || list.Vault.Kind != "passphrase" || list.Vault.Fix == "" {
		t.Errorf("vault %+v", list.Vault)
	}
	if code, out, words := p.hoox("", "kill", "pause", "--reason", "still locked"); code != exitOK || !strings.Contains(out, "REDUCING") {
		t.Errorf("the switch while it is locked: had %d %q %q", code, out, words)
	}
	if _, fault := call[Receipt](p, "Sessions/RotateKey", Empty{}); fault.Kind != "unavailable" || !strings.Contains(fault.Message, "locked") || p.token.Reveal() != first {
		t.Errorf("another internal key while it is locked: had %+v, want it unavailable and the key of this start kept", fault)
	}
	if code, _, words := p.hoox("something else\n", "vault", "unlock"); code != exitFailed || !strings.Contains(words, "does not open") {
		t.Errorf("a wrong passphrase: had %d %q, want 1", code, words)
	}
	select {
	case <-p.ready:
		t.Fatal("it is ready although nobody unlocked it")
	default:
	}

	if code, out, words := p.hoox(vaultWords+"\n", "vault", "unlock"); code != exitOK || !strings.Contains(out, "unlocked") {
		t.Fatalf("unlock: had %d %q %q", code, out, words)
	}
	<-p.ready

	file, err := readControlFile(p.dir)
	key, _, get := p.node.Vault.Get(vault.InternalKey)
	if err != nil || get != nil || file.Token != key.Reveal() || file.Token == first {
		t.Errorf("control.json has not the vault's token (%v %v)", err, get)
	}
	for _, token := range []string{first, file.Token} {
		if resp, body := p.do(request{method: "POST", path: "/api/Kill/Set", body: `{"state":"active","reason":"ready"}`, header: map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}}); resp.StatusCode != 200 {
			t.Errorf("had %d %s, want both tokens of this run known", resp.StatusCode, body)
		}
	}
	must[Receipt](p, "Sessions/RotateKey", Empty{})
	for _, token := range []string{first, file.Token} {
		if status, body := p.under(token, "Kill/Get", "{}"); status != http.StatusUnauthorized {
			t.Errorf("had %d %s, want both keys of before to open nothing once there is another", status, body)
		}
	}
	webhook := must[RevealedKey](p, "Alerts/Reveal", Empty{}).Key
	got, err := postAlert(t.Context(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"`+webhook+`","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01}`), time.Now)
	if err != nil || got.Status != 200 {
		t.Errorf("an alert was answered %d %s (%v), want it filled", got.Status, got.Body, err)
	}
	if strings.Contains(p.stderr.String(), first) || strings.Contains(p.stderr.String(), webhook) || strings.Contains(p.stderr.String(), vaultWords) {
		t.Error("the log holds a secret")
	}
}

func TestAStartWithoutAPersonWantsThePassphraseHandedOver(t *testing.T) {
	dir := sealedFolder(t)
	serve := func(ctx context.Context, out *lockedBuffer, h vault.Handover) (int, string) {
		words := &lockedBuffer{}
		code := run([]string{"--data-dir", dir, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"},
			shell{ctx: ctx, ui: testPages(), stdin: strings.NewReader(vaultWords + "\n"), stdout: out, stderr: words, env: testEnv, now: time.Now, handover: h})
		return code, words.String()
	}
	code, words := serve(t.Context(), &lockedBuffer{}, vault.Handover{})
	if code != exitUsage || !strings.Contains(words, vault.PassphraseVariable) || !strings.Contains(words, vault.PassphraseFileVariable) {
		t.Errorf("nothing handed over: had %d %q, want 2 and both variables; stdin is not asked", code, words)
	}
	if code, words := serve(t.Context(), &lockedBuffer{}, handed(t, map[string]string{vault.PassphraseVariable: "something else"})); code != exitFailed || !strings.Contains(words, "does not open") {
		t.Errorf("a wrong one: had %d %q, want 1", code, words)
	}
	open := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(open, []byte(vaultWords), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, words := serve(t.Context(), &lockedBuffer{}, handed(t, map[string]string{vault.PassphraseFileVariable: open})); code != exitUsage || !strings.Contains(words, "chmod 600") {
		t.Errorf("a file that others can read: had %d %q, want 2", code, words)
	}
	if err := os.Chmod(open, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	out, done := &lockedBuffer{}, make(chan string, 1)
	go func() {
		code, words := serve(ctx, out, handed(t, map[string]string{vault.PassphraseFileVariable: open}))
		done <- fmt.Sprint(code, words)
	}()
	await(t, func() bool { return strings.Contains(out.String(), `"ready"`) })
	stop()
	if end := <-done; !strings.HasPrefix(end, "0") || strings.Contains(end, vaultWords) {
		t.Errorf("had %s", end)
	}
}

func TestLockingKeepsWhatIsConnectedGoingAndShutsEverythingElse(t *testing.T) {
	all := secretsOfATest()
	_, _, env := exchanges(t, all)
	dir := sealedFolder(t)
	config := configOf(t, dir, func(name string) string { return env[name] })
	config.Passphrase = vault.NewSecret(vaultWords)
	p := startOn(t, config)
	for _, half := range []string{"BYBIT_TESTNET_API_KEY", "BYBIT_TESTNET_API_SECRET"} {
		if code, _, words := p.hoox(valueOf(all, half)+"\n", "secret", "set", half); code != exitOK {
			t.Fatalf("set %s: %d %s", half, code, words)
		}
	}
	await(t, func() bool { return p.node.Engine.Ready("bybit:testnet") == nil })
	webhook := must[RevealedKey](p, "Alerts/Reveal", Empty{}).Key
	alert := func(action, key string) AlertAnswer {
		got, err := postAlert(t.Context(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"`+webhook+`","exchange":"bybit","action":"`+action+`","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"`+key+`"}`), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := alert("LONG", "before"); got.Status != 200 || !strings.Contains(got.Body, "Filled") {
		t.Fatalf("before the lock: had %d %s", got.Status, got.Body)
	}

	if v := must[VaultState](p, "Secrets/Lock", Empty{}); !v.Locked {
		t.Fatalf("vault %+v", v)
	}

	if got := alert("LONG", "after"); got.Status != 200 || !strings.Contains(got.Body, "Filled") {
		t.Errorf("an account that is connected was answered %d %s, want it filled: it keeps its keys", got.Status, got.Body)
	}
	for method, request := range map[string]any{
		"Secrets/Set": SetSecret{"A_KEY", "value"}, "Secrets/Delete": SecretName{"WEBHOOK_API_KEY"}, "Secrets/Rotate": RotateVault{vaultWords},
		"Secrets/Seal": SealVault{"file", "", vaultWords}, "Secrets/Export": ExportSecrets{"long enough words", vaultWords}, "Alerts/Reveal": Empty{},
		"Accounts/SaveKeys": SaveKeys{"bybit:live", "key", "secret"}, "Accounts/Test": AccountID{"bybit:testnet"},
	} {
		if _, fault := call[Receipt](p, method, request); fault.Kind != "unavailable" || !strings.Contains(fault.Message, "locked") {
			t.Errorf("%s: had %+v, want unavailable because it is locked", method, fault)
		}
	}
	list := must[SecretList](p, "Secrets/List", Empty{})
	for _, row := range list.Items {
		if row.Name == "BYBIT_TESTNET_API_KEY" && (!row.Set || row.Hint != "") {
			t.Errorf("row %+v, want it set and nothing of it shown", row)
		}
	}
	health := must[HealthReport](p, "Health/Get", Empty{})
	for _, part := range health.Items {
		if part.Name == "vault" && (part.State != "degraded" || !strings.Contains(part.Detail, "goes on") || part.Fix == "") {
			t.Errorf("vault is %s: %s (%s)", part.State, part.Detail, part.Fix)
		}
	}
	if got := alert("CLOSE", "close"); got.Status != 200 || !strings.Contains(got.Body, "Filled") {
		t.Errorf("a close while it is locked was answered %d %s", got.Status, got.Body)
	}

	if v := must[VaultState](p, "Secrets/Unlock", UnlockVault{vaultWords}); v.Locked {
		t.Errorf("vault %+v", v)
	}
	if key := must[RevealedKey](p, "Alerts/Reveal", Empty{}).Key; key != webhook {
		t.Error("the webhook key is another one")
	}
}

func TestWhatIsDoneToTheVaultIsInTheAudit(t *testing.T) {
	dir := privateDir(t)
	begin(t, dir)()
	export := filepath.Join(t.TempDir(), "secrets.age")
	for _, c := range []struct{ stdin, args string }{
		{"a value of it\n", "secret set A_KEY"}, {"", "secret delete B_KEY"}, {vaultWords + "\n", "vault seal passphrase"}, {"wrong words\n", "vault rotate"},
		{vaultWords + "\n", "vault rotate"}, {vaultWords + "\n" + fileWords + "\n", "vault export " + export}, {vaultWords + "\n", "vault seal file"},
		{"", "secret delete A_KEY"}, {fileWords + "\n", "vault import --yes " + export},
	} {
		hoox(t, c.stdin, append([]string{"--data-dir", dir}, strings.Fields(c.args)...)...)
	}
	p, _ := launch(t, dir)
	must[VaultState](p, "Secrets/Seal", SealVault{Kind: "passphrase", Passphrase: vaultWords})
	must[VaultState](p, "Secrets/Lock", Empty{})
	call[VaultState](p, "Secrets/Unlock", UnlockVault{"wrong words"})
	must[VaultState](p, "Secrets/Unlock", UnlockVault{vaultWords})

	var had []string
	for _, r := range p.since(0) {
		if strings.HasPrefix(r.Action, "secret.") || strings.HasPrefix(r.Action, "vault.") {
			had = append(had, strings.Join([]string{r.Actor, r.Action, r.Subject, r.Decision, r.Before, r.After}, "|"))
		}
	}
	want := []string{
		"cli|secret.set|A_KEY|done||", "cli|secret.delete|B_KEY|refused||", "cli|vault.seal|the vault|done|file|passphrase",
		"cli|vault.rotate|the vault|done||", "cli|secret.export|the vault|done||3 secrets in an encrypted text", "cli|vault.seal|the vault|done|passphrase|file",
		"cli|secret.delete|A_KEY|done||", "cli|secret.import|the vault|done||nothing changed", "cli|secret.import|the vault|done||1 secret stored: A_KEY",
		"cli|vault.seal|the vault|done|file|passphrase", "cli|vault.lock|the vault|done||", "cli|vault.unlock|the vault|refused||", "cli|vault.unlock|the vault|done||unlocked",
	}
	if strings.Join(had, "\n") != strings.Join(want, "\n") {
		t.Errorf("had\n%s\nwant\n%s", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
}

func TestKeysOfAnAccountThatHoldsSomethingStay(t *testing.T) {
	all := secretsOfATest()
	_, _, env := exchanges(t, all)
	dir := privateDir(t)
	p := startOn(t, configOf(t, dir, func(name string) string { return env[name] }))
	for _, half := range []string{"BYBIT_TESTNET_API_KEY", "BYBIT_TESTNET_API_SECRET"} {
		must[Receipt](p, "Secrets/Set", SetSecret{half, Hidden(valueOf(all, half))})
	}
	await(t, func() bool { return p.node.Engine.Ready("bybit:testnet") == nil })
	send := func(action string) {
		t.Helper()
		got := must[AlertAnswer](p, "Alerts/Send", SendAlert{`{"apiKey":"<apiKey>","exchange":"bybit","action":"` + action + `","symbol":"BTCUSDT","quantity":0.01}`})
		if got.Status != 200 || !strings.Contains(got.Body, "Filled") {
			t.Fatalf("%s: had %d %s", action, got.Status, got.Body)
		}
	}
	send("LONG")
	if _, fault := call[Receipt](p, "Secrets/Delete", SecretName{"BYBIT_TESTNET_API_SECRET"}); fault.Kind != "refused" {
		t.Errorf("had %+v, want it refused: without its keys nobody could close the position", fault)
	}
	if code, _, words := p.hoox("", "secret", "delete", "BYBIT_TESTNET_API_KEY"); code != exitRefused {
		t.Errorf("the command: had %d %q, want 4", code, words)
	}
	p.end()
	if code, _, words := p.hoox("", "secret", "delete", "BYBIT_TESTNET_API_KEY"); code != exitRefused || !strings.Contains(words, "bybit:testnet still holds") {
		t.Errorf("the command without an instance: had %d %q, want 4: the position is still there", code, words)
	}
	release := holdLock(t, dir)
	if code, _, words := p.hoox("", "secret", "delete", "BYBIT_TESTNET_API_KEY"); code != exitFailed || !strings.Contains(words, "is starting") {
		t.Errorf("beside an instance that cannot be reached yet: had %d %q, want 1 and to try again", code, words)
	}
	release()
	p = startOn(t, configOf(t, dir, func(name string) string { return env[name] }))
	await(t, func() bool { return p.node.Engine.Ready("bybit:testnet") == nil })
	send("CLOSE")
	must[Receipt](p, "Secrets/Delete", SecretName{"BYBIT_TESTNET_API_SECRET"})
	await(t, func() bool { return !p.node.HasKeys("bybit:testnet") })
}

func TestAKeychainThatIsAwayKeepsAServeFromStartingAndAWindowWaits(t *testing.T) {
	chain := &memoryChain{entries: map[string]string{}}
	dir := privateDir(t)
	config := configOf(t, dir, testEnv)
	config.Keychain = chain
	p := startOn(t, config)
	if v := must[SecretList](p, "Secrets/List", Empty{}).Vault; v.Kind != "keychain" || v.Locked || v.Fix != "" {
		t.Errorf("vault %+v, want a new one sealed by the keychain", v)
	}
	p.end()
	chain.goAway(errors.New("the collection is locked"))
	config = configOf(t, dir, testEnv)
	config.Keychain = chain
	if _, err := openInstance(t.Context(), config, testPages(), newLogbook(&lockedBuffer{}, "info")); trading.KindOf(err) != trading.Unavailable || exitOfStart(err) != exitFailed || !strings.Contains(err.Error(), "collection") {
		t.Errorf("serve: had %v, want 1, the keychain's words and what to do", err)
	}
	config.StartLocked = true
	p = startOn(t, config)
	if _, fault := call[VaultState](p, "Secrets/Unlock", UnlockVault{}); fault.Kind != "unavailable" {
		t.Errorf("unlock while it is away: had %+v", fault)
	}
	chain.goAway(nil)
	if v := must[VaultState](p, "Secrets/Unlock", UnlockVault{}); v.Locked {
		t.Errorf("vault %+v", v)
	}
	<-p.ready
}

func TestARequestWithASecretPrintsAsDots(t *testing.T) {
	for _, r := range []any{SetSecret{"A_KEY", "canary"}, &SaveKeys{"a", "canary", "canary"}, UnlockVault{"canary"}, SealVault{"file", "canary", "canary"}, ExportSecrets{"canary", "canary"}, ImportSecrets{Passphrase: "canary"}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, r); strings.Contains(text, "canary") || strings.Contains(text, "63616e617279") {
				t.Errorf("%T prints as %s", r, text)
			}
		}
		if text, err := json.Marshal(r); err != nil || !strings.Contains(string(text), "canary") {
			t.Errorf("%T crosses as %s %v, want it whole: a command sends it to the running instance", r, text, err)
		}
	}
}
