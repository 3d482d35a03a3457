package node_test

import (
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/node"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// fuzzEnv tells the workers of a target where the folder is of the process that started them.
const fuzzEnv = "HOOX_TEST_FUZZ_FOLDER"

// fuzzDir is a folder in memory. The workers of a target are ended without a word, so that theirs is in the folder of the process
// that started them, which takes all away.
func fuzzDir(f *testing.F) string {
	f.Helper()
	all := os.Getenv(fuzzEnv)
	if all == "" {
		all = memoryDir(f)
		f.Setenv(fuzzEnv, all)
	}
	dir, err := os.MkdirTemp(all, "one")
	if err != nil {
		f.Fatal(err)
	}
	return dir
}

// FuzzConfigurationSendsNothingInTheOpen reads any text as config.toml: it is refused in words, or every address in it is
// encrypted or on this computer.
func FuzzConfigurationSendsNothingInTheOpen(f *testing.F) {
	for _, text := range []string{
		"[gateway]\nlisten = \"127.0.0.1:8787\"\nanswer_budget = \"2s\"\ntrusted_client_ip_header = \"CF-Connecting-IP\"\n",
		"[exchange.bybit]\nmode = \"testnet\"\nrest_url = \"https://api-testnet.bybit.com\"\npublic_ws_url = \"wss://stream-testnet.bybit.com\"\n",
		"[exchange.binance]\nrest_url = \"http://127.0.0.1:9000\"\nspot_rest_url = \"http://[::1]:9001\"\nprivate_ws_url = \"ws://localhost:1\"\n",
		"[exchange.mexc]\nrest_url = \"http://127.0.0.1.example.com\"\n", "[exchange.mexc]\nrest_url = \"http://127.0.0.1@example.com\"\n", "[exchange.bybit]\nmode = \"LIVE\"\n",
		"[gateway]\nanswer_budget = \"1h\"\n", "[gateway]\nanswer_budget = \"-1ns\"\n", "[paper]\nmarket = \"live\"\nseed = 9223372036854775808\n", "[tunnel]\nkind = \"ngrok\"\n", "[log]\nlevel = 1\n",
		"colour = \"red\"\n", "a = [", "\x00", "[gateway]\n[gateway]\n", "[exchange]\nbybit = 1\n", "exchange.bybit.mode = \"paper\"\n",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, "config.toml"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := node.Load(node.Flags{DataDir: dir}, func(string) string { return "" })
		if err != nil {
			if trading.KindOf(err) != trading.Invalid {
				t.Fatalf("%q: had %v, want Invalid: a person has to find the line", text, err)
			}
			return
		}
		if b := c.Budget(); b < 0 || b > 2500*time.Millisecond {
			t.Fatalf("%q makes TradingView wait %s", text, b)
		}
		for _, x := range []node.ExchangeConfig{c.Exchange.Bybit, c.Exchange.Binance, c.Exchange.MEXC} {
			if m := trading.Mode(x.Mode); m != "" && m != trading.ModePaper && m != trading.ModeTestnet && m != trading.ModeLive {
				t.Fatalf("%q trades in mode %q", text, m)
			}
			for _, address := range []string{x.RestURL, x.SpotRestURL, x.PublicWSURL, x.PrivateWSURL, x.SpotPublicWSURL, x.SpotPrivateWSURL} {
				if address != "" && !sealedOrHere(address) {
					t.Fatalf("%q sends keys to %q for everybody to read", text, address)
				}
			}
		}
	})
}

// sealedOrHere tells whether what is sent to an address is encrypted or does not leave this computer.
func sealedOrHere(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "wss" || u.Hostname() == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// FuzzAlertIsTakenOnce brings every alert that can be read to the desk of a whole program, twice: the second time is the first
// one's repetition, whatever is in it.
func FuzzAlertIsTakenOnce(f *testing.F) {
	for _, fields := range []string{
		`"exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"leverage":10,"idempotencyKey":"uuid-9b1deb4d"`,
		`"exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01`, `"action":"SHORT","symbol":"BINANCE:ETHUSDT.P","quoteQuantity":"500","stopLoss":"2%"`,
		`"action":"buy","symbol":"BYBIT:BTCUSDT.P","marketPosition":"long","marketPositionSize":"0.02","prevMarketPosition":"flat"`, `"action":"CLOSE","symbol":"BTCUSDT"`,
		`"exchange":"mexc","action":"LONG","symbol":"BTC_USDT","percent":"5","orderType":"limit","price":"59000","maxAge":60`, `"action":"LONG","symbol":"x","quantity":1,"idempotencyKey":"uuid-9b1deb4d"`,
		`"action":"LONG","symbol":"BTCUSDT","quantity":1,"strategy":"none"`, `"action":"LONG","symbol":"BTCUSDT","quantity":"99999999999999999999.99999999","test":true`,
	} {
		f.Add([]byte(`{"apiKey":"k",`+fields+`}`), "")
		f.Add([]byte(`{"apiKey":"k",`+fields+`}`), "header-key")
	}
	c, err := node.Load(node.Flags{DataDir: fuzzDir(f), GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		f.Fatal(err)
	}
	h := run(f, c)
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		first, _, err := gateway.Decode(body, header, h.Now())
		if err != nil {
			return
		}
		again := first
		first.ID, again.ID = trading.NewSignalID(), trading.NewSignalID()
		first.Credential, again.Credential = "default", "default"
		taken, err := h.Desk.Admit(t.Context(), first)
		if err != nil {
			if kind := trading.KindOf(err); kind != trading.Invalid {
				t.Fatalf("%s: had %v, want what is readable taken or refused in words", body, err)
			}
			return
		}
		again.ReceivedAt = again.ReceivedAt.Add(time.Second)
		repeated, err := h.Desk.Admit(t.Context(), again)
		if err != nil || repeated.Signal != taken.Signal || !repeated.Duplicate && !repeated.Conflict || taken.Conflict != repeated.Conflict {
			t.Fatalf("%s was taken as %+v and then as %+v %v: one alert traded twice", body, taken, repeated, err)
		}
	})
}

// FuzzPageOfTheLedger asks for any page: what no page gave is refused, and nothing else goes wrong.
func FuzzPageOfTheLedger(f *testing.F) {
	for _, c := range []string{"", "c1", "c0", "c-1", "czzzzzzzzzzzzzz", "1", "c1' OR 1=1", "c\x00", "C1", "c+1"} {
		f.Add(c, 50, "", "", "")
		f.Add(c, 0, "filled", "BTCUSDT", "bybit")
	}
	f.Add("", 501, "nonsense", "%", "'")
	db, err := sqlite.Open(f.Context(), filepath.Join(fuzzDir(f), "core.db"), sqlite.Options{Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := db.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, cursor string, limit int, status, symbol, exchange string) {
		p := trading.Page{Cursor: cursor, Limit: limit, Status: status, Symbol: symbol, Exchange: trading.Exchange(exchange)}
		_, _, orders := db.Orders(t.Context(), p)
		_, _, signals := db.Signals(t.Context(), p)
		_, _, fills := db.Fills(t.Context(), p)
		_, _, _, _, jobs := db.JobList(t.Context(), p)
		for what, err := range map[string]error{"orders": orders, "signals": signals, "fills": fills, "jobs": jobs} {
			if err != nil && trading.KindOf(err) != trading.Invalid {
				t.Fatalf("%s of %+v: %v, want Invalid or a page", what, p, err)
			}
		}
	})
}
