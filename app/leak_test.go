package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/market"
	"hoox/backend/trading"
	"hoox/backend/vault"
	"hoox/backend/vault/vaulttest"
)

// secretsOfATest are canaries under every name that the program knows, and some that it does not.
func secretsOfATest() vaulttest.Canaries {
	all := vaulttest.Canaries{vaulttest.New("TG_BOT_TOKEN_BINDING"), vaulttest.New("CF_API_TOKEN"), vaulttest.New("MY_OWN_SECRET"), vaulttest.New("passphrase of the vault")}
	for _, k := range knownSecrets() {
		c := vaulttest.New(k.name)
		if hinted(k.name) || k.name == vault.InternalKey {
			c = vaulttest.Plain(k.name) // it travels in a header
		}
		if k.name != vault.InstallKey {
			all = append(all, c)
		}
	}
	return all
}

func valueOf(all vaulttest.Canaries, name string) string {
	for _, c := range all {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// gossip is an exchange that repeats what it was told: whoever brings a key gets all of it back as the words of a refusal.
type gossip struct {
	exchange http.Handler
	// loose is when it repeats; heard counts how often it did.
	loose atomic.Bool
	heard atomic.Int64
}

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("X-Bapi-Api-Key") + r.Header.Get("X-Mbx-Apikey") + r.Header.Get("Apikey") + r.Header.Get("X-Mexc-Apikey")
	if key == "" || !g.loose.Load() {
		g.exchange.ServeHTTP(w, r)
		return
	}
	g.heard.Add(1)
	body, _ := io.ReadAll(r.Body)
	told := fmt.Sprintf("invalid key %s for %s %s %s %v", key, r.URL.RequestURI(), r.URL.Query(), body, r.Header)
	status := http.StatusOK
	if r.Header.Get("X-Mbx-Apikey") != "" {
		status = http.StatusUnauthorized
	}
	writeJSON(w, status, map[string]any{
		"retCode": 10003, "retMsg": told, "result": map[string]any{}, "time": time.Now().UnixMilli(), "code": -2015, "msg": told, "message": told, "success": false,
	})
}

// clockOnly is an exchange of which only the clock can be asked without a key.
func clockOnly(w http.ResponseWriter, r *http.Request) {
	now := time.Now().UnixMilli()
	if strings.HasSuffix(r.URL.Path, "/time") || strings.HasSuffix(r.URL.Path, "/ping") {
		writeJSON(w, http.StatusOK, map[string]any{"serverTime": now, "success": true, "code": 0, "data": now})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"success": false, "code": -1000, "msg": "nothing here", "message": "nothing here"})
}

// exchanges starts one of each on this computer and returns where they are.
func exchanges(t *testing.T, all vaulttest.Canaries) (bybit, others *gossip, env map[string]string) {
	t.Helper()
	list := []trading.Instrument{}
	for _, i := range market.Standard() {
		if i.Exchange == trading.Bybit && i.Quote == "USDT" {
			list = append(list, i)
		}
	}
	core, err := exchangesim.Open(bybitsim.Account(exchangesim.Config{
		Instruments: list, Key: valueOf(all, "BYBIT_TESTNET_API_KEY"), Secret: valueOf(all, "BYBIT_TESTNET_API_SECRET"), Now: time.Now,
		Log: filepath.Join(t.TempDir(), "bybit.log"), Deposit: map[string]trading.Money{"USDT": trading.MustMoney("100000")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		price := trading.MustPrice("100")
		if i.Base == "BTC" {
			price = trading.MustPrice("60000")
		}
		core.SetPrice(i.Symbol, price)
	}
	sim := bybitsim.New(core, bybitsim.Options{})
	bybit, others = &gossip{exchange: sim}, &gossip{exchange: http.HandlerFunc(clockOnly)}
	others.loose.Store(true)
	here, there := httptest.NewServer(bybit), httptest.NewServer(others)
	t.Cleanup(func() {
		sim.Close()
		here.Close()
		there.Close()
		if err := core.Close(); err != nil {
			t.Error(err)
		}
	})
	env = map[string]string{"HOOX_PAPER_MARKET": "synthetic"}
	for name, at := range map[string]string{"BYBIT": here.URL, "BINANCE": there.URL, "MEXC": there.URL} {
		stream := strings.Replace(at, "http", "ws", 1)
		for key, value := range map[string]string{
			"MODE": "testnet", "REST_URL": at, "PUBLIC_WS_URL": stream, "PRIVATE_WS_URL": stream, "SPOT_REST_URL": at, "SPOT_PUBLIC_WS_URL": stream, "SPOT_PRIVATE_WS_URL": stream,
		} {
			env["HOOX_EXCHANGE_"+name+"_"+key] = value
		}
	}
	env["HOOX_EXCHANGE_MEXC_MODE"] = "live" // it has no other; the address is this computer's
	return bybit, others, env
}

// TestNoSecretIsAnywhereAfterEverything has a program with canaries for secrets do all it can, at exchanges that repeat what
// they were told, and looks for the canaries in its folder, its log, its backups and everything it answered.
func TestNoSecretIsAnywhereAfterEverything(t *testing.T) {
	all := secretsOfATest()
	bybit, others, env := exchanges(t, all)
	dir, copies := privateDir(t), t.TempDir()
	for _, c := range all {
		if vault.CheckName(c.Name) != nil {
			continue
		}
		if code, out, words := hoox(t, c.Value+"\n", "--data-dir", dir, "secret", "set", c.Name); code != exitOK {
			t.Fatalf("set %s: %d %s %s", c.Name, code, out, words)
		}
	}
	words := valueOf(all, "passphrase of the vault")
	if code, out, said := hoox(t, words+"\n", "--data-dir", dir, "vault", "seal", "passphrase"); code != exitOK {
		t.Fatalf("seal: %d %s %s", code, out, said)
	}
	config := configOf(t, dir, func(name string) string { return env[name] })
	config.Passphrase = vault.NewSecret(words)
	p := startOn(t, config)
	await(t, func() bool { return p.node.Engine.Ready("bybit:testnet") == nil })
	w := &bystander{program: p, all: all}

	w.trade(valueOf(all, vault.WebhookKey), "first")
	bybit.loose.Store(true)
	w.trade(valueOf(all, vault.WebhookKey), "second")
	w.ask()
	w.command(copies, words)
	if bybit.heard.Load() == 0 || others.heard.Load() == 0 {
		t.Fatalf("the exchanges repeated %d and %d keys: nothing was put to the test", bybit.heard.Load(), others.heard.Load())
	}

	all.Clean(t, "what the program said", w.said.Bytes())
	running := all.CleanFolder(t, dir, "control.json")
	p.end()
	stopped := all.CleanFolder(t, dir)
	all.Clean(t, "stderr", []byte(p.stderr.String()))
	backups := all.CleanFolder(t, copies)
	t.Logf("%d canaries; %d bytes of answers, %d of log, %d files while it ran, %d after, %d carried away", len(all), w.said.Len(), len(p.stderr.String()), running, stopped, backups)
	if w.said.Len() < 20_000 || running < 5 || backups < 2 || len(p.stderr.String()) < 1000 {
		t.Error("there was little to look at: does the test still do what it says?")
	}
}

// bystander does everything and keeps what was answered.
type bystander struct {
	*program
	all  vaulttest.Canaries
	said bytes.Buffer
}

func (w *bystander) note(what, text string) {
	w.all.Clean(w.t, what, []byte(text))
	fmt.Fprintf(&w.said, "%s\n%s\n", what, text)
}

// trade posts alerts, good ones and such as a confused person sends; round makes them new.
func (w *bystander) trade(key, round string) {
	w.t.Helper()
	for _, body := range []string{
		`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01}`,
		`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"stopLoss":"50000"}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"once"}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"once"}`,
		`{"apiKey":"KEY","exchange":"binance","action":"LONG","symbol":"BTCUSDT","quantity":0.01}`,
		`{"apiKey":"KEY","exchange":"mexc","action":"SHORT","symbol":"BTC_USDT","quantity":0.01}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"comment":"my key is KEY","note":"KEY","nested":{"KEY":["KEY"]}}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"KEY","quantity":1}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":"KEY"}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"KEY"}`,
		`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"strategy":"KEY"}`,
		`{"apiKey":"KEY","exchange":"bybit","action":"CLOSE","symbol":"BTCUSDT"}`,
		`{"apiKey":"wrong","comment":"KEY"}`, `{"apiKey":"KEY"`, `KEY`, `{"apiKey":"KEY","apikey":"KEY"}`,
	} {
		got, err := postAlert(w.t.Context(), "http://"+w.node.GatewayAddr()+"/webhook", []byte(strings.NewReplacer("KEY", key, `"quantity":0.01`, `"quantity":0.01,"more":"`+round+`"`).Replace(body)), time.Now)
		if err != nil {
			w.t.Fatal(err)
		}
		w.note("the answer to "+body, got.Body)
	}
	if resp, err := http.Get("http://" + w.node.GatewayAddr() + "/health?key=" + key); err == nil {
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		w.note("the public health", string(text))
	}
}

// ask calls every method, empty and with what makes it do something.
func (w *bystander) ask() {
	w.t.Helper()
	bodies := map[string][]string{
		"Accounts/Test":       {`{"account":"bybit:testnet"}`, `{"account":"binance:testnet"}`, `{"account":"mexc:live"}`},
		"Accounts/Canary":     {`{"account":"bybit:testnet","symbol":"BTCUSDT","key":"one"}`, `{"account":"paper:paper","symbol":"BTCUSDT","key":"two"}`},
		"Accounts/SwitchMode": {`{"exchange":"bybit","mode":"live","phrase":"live bybit"}`},
		"Accounts/SaveKeys":   {`{"account":"bybit:live","key":"` + valueOf(w.all, "BYBIT_API_KEY") + `","secret":"` + valueOf(w.all, "BINANCE_API_KEY") + `"}`},
		"Accounts/Checklist":  {`{"exchange":"bybit","mode":"live"}`},
		"Alerts/Send":         {`{"body":"{\"apiKey\":\"<apiKey>\",\"exchange\":\"paper\",\"action\":\"LONG\",\"symbol\":\"BTCUSDT\",\"quantity\":0.01,\"comment\":\"<apiKey>\"}"}`},
		"Alerts/Build":        {`{"kind":"strategy","exchange":"paper","sizeMode":"quoteQuantity","size":"100"}`},
		"Settings/Set":        {`{"key":"trade:default_leverage","value":"` + valueOf(w.all, "MEXC_API_KEY") + `"}`, `{"key":"` + valueOf(w.all, "MEXC_API_KEY") + `","value":"1"}`},
		"Settings/History":    {`{"key":"trade:default_leverage"}`},
		"Secrets/Set":         {`{"name":"MY_OWN_SECRET","value":"` + valueOf(w.all, "MEXC_API_KEY") + `"}`, `{"name":"` + valueOf(w.all, "MEXC_API_KEY") + `","value":"x"}`},
		"Secrets/Unlock":      {`{"passphrase":"wrong one"}`, quoted(map[string]string{"passphrase": valueOf(w.all, "passphrase of the vault")})},
		"Secrets/Rotate":      {`{"current":"wrong one"}`, quoted(map[string]string{"current": valueOf(w.all, "passphrase of the vault")})},
		"Secrets/Export":      {quoted(map[string]string{"current": valueOf(w.all, "passphrase of the vault"), "passphrase": valueOf(w.all, "MY_OWN_SECRET")})},
		"Kill/Set":            {`{"state":"reducing","reason":"looking"}`, `{"state":"active","reason":"looked"}`},
	}
	// What only a stranger or a mistake would send: the answer must not repeat it.
	strange := quoted(map[string]string{"limit": valueOf(w.all, "BYBIT_API_KEY"), valueOf(w.all, "BYBIT_API_SECRET"): "x"})
	for _, r := range routesOf(newServices(w.house, cliActor())) {
		method := strings.Replace(r.name, ".", "/", 1)
		for _, body := range append([]string{`{}`, `{"limit":100}`, strange}, bodies[method]...) {
			_, text := w.do(requestOf(w.program, method, body))
			if method == "Alerts/Reveal" {
				// The one answer that is a secret, because a person asked for it.
				text = strings.ReplaceAll(text, valueOf(w.all, vault.WebhookKey), "(the key)")
			}
			// The request of this very test is known to hold one; only the answer counts.
			w.note("the answer of "+method, text)
		}
	}
	list := must[SignalPage](w.program, "Signals/List", PageRequest{Limit: 100})
	for _, s := range list.Items {
		_, text := w.do(requestOf(w.program, "Signals/Get", quoted(map[string]string{"requestId": s.RequestID})))
		w.note("the story of a signal", text)
	}
	bearer := map[string]string{"Authorization": "Bearer " + w.token.Reveal()}
	for _, path := range []string{"/metrics", "/", "/api/nothing", "/" + valueOf(w.all, "BYBIT_API_KEY")} {
		_, text := w.do(request{method: "GET", path: path, header: bearer})
		w.note("GET", text)
	}
	_, text := w.do(request{method: "POST", path: "/session", header: bearer})
	w.note("POST /session", text)
}

func quoted(fields map[string]string) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts only
	}
	return string(text)
}

// command runs every command that shows or writes something.
func (w *bystander) command(copies, words string) {
	w.t.Helper()
	alert := filepath.Join(w.t.TempDir(), "alert.json")
	if err := os.WriteFile(alert, []byte(`{"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01}`), 0o600); err != nil {
		w.t.Fatal(err)
	}
	export := filepath.Join(copies, "secrets.age")
	for _, c := range []struct {
		stdin string
		args  string
	}{
		{"", "status"}, {"", "doctor"}, {"", "signals"}, {"", "orders"}, {"", "fills"}, {"", "positions"}, {"", "trace nothing"}, {"", "accounts"}, {"", "accounts test bybit:testnet"},
		{"", "accounts test binance:testnet"}, {"", "accounts test mexc:live"}, {"", "accounts canary bybit:testnet BTCUSDT"}, {"", "drift"}, {"", "strategies"}, {"", "config list"},
		{"", "secret list"}, {"", "vault"}, {valueOf(w.all, "CF_API_TOKEN") + "\n", "secret set CF_API_TOKEN"}, {"x\n", "secret set INSTALL_KEY"}, {"", "secret delete INSTALL_KEY"},
		{words + "\n", "vault rotate"}, {words + "\n" + valueOf(w.all, "MY_OWN_SECRET") + "\n", "vault export " + export},
		{valueOf(w.all, "MY_OWN_SECRET") + "\n", "vault import --yes --replace " + export}, {"wrong\n", "vault import --yes " + export}, {"", "vault lock"}, {"", "vault"}, {"", "secret list"},
		{"x\n", "secret set CF_API_TOKEN"}, {"wrong\n", "vault unlock"}, {words + "\n", "vault unlock"}, {"", "send --file " + alert}, {"", "kill status"}, {"", "kill pause"}, {"", "kill off"},
		{"", "backup --to " + copies}, {"", "backup"}, {"", "verify"}, {"", "audit"}, {"", "alarms"}, {"", "token"}, {"", "sessions"}, {"", "version"}, {"", "flatten --yes"},
	} {
		for _, json := range [][]string{nil, {"--json"}} {
			if json != nil && strings.Contains(c.args, "secrets.age") {
				continue // the file is there by now, and opening it takes its time
			}
			code, out, said := w.hoox(c.stdin, append(json, strings.Fields(c.args)...)...)
			w.note(fmt.Sprintf("hoox %s (%d)", c.args, code), out+said)
		}
	}
}
