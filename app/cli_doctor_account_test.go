package app

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/market"
	"hoox/backend/trading"
)

// account is one account at a Binance of our own, with one key.
type binanceKey struct {
	key     string
	futures *binancesim.Futures
	spot    *binancesim.Spot
}

// permit changes what the key may do.
func (k *binanceKey) permit(p binancesim.Permissions) {
	k.futures.SetPermissions(p)
	k.spot.SetPermissions(p)
}

// binance is the exchange: it knows an account by its key, and its clock may be off.
type binance struct {
	t    *testing.T
	off  atomic.Int64
	keys map[string]*binanceKey
}

func (b *binance) now() time.Time { return time.Now().Add(time.Duration(b.off.Load())) }

// open makes a key, with an account of its own. Its secret is its name and "-secret".
func (b *binance) open(key string) *binanceKey {
	b.t.Helper()
	core := func(product trading.Product) *exchangesim.Core {
		c := exchangesim.Config{
			Key: key, Secret: key + "-secret", Now: b.now, Log: filepath.Join(b.t.TempDir(), "log"), IDs: exchangesim.UniqueWhileOpen,
			OwnSpotFee: product == trading.Spot, Deposit: map[string]trading.Money{"USDT": trading.MustMoney("1000")},
		}
		for _, i := range market.Standard() {
			if i.Exchange == trading.Binance && i.Product == product && i.Base == "BTC" && i.Quote == "USDT" {
				c.Instruments = append(c.Instruments, i)
			}
		}
		x, err := exchangesim.Open(c)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, i := range c.Instruments {
			x.SetPrice(i.Symbol, trading.MustPrice("60000"))
		}
		b.t.Cleanup(func() {
			if err := x.Close(); err != nil {
				b.t.Error(err)
			}
		})
		return x
	}
	k := &binanceKey{key, binancesim.NewFutures(core(trading.Linear), binancesim.Options{}), binancesim.NewSpot(core(trading.Spot), binancesim.Options{})}
	b.t.Cleanup(func() {
		k.futures.Close()
		k.spot.Close()
	})
	b.keys[key] = k
	return k
}

// door serves one product: each request goes to the account of its key, one without to the first.
func (b *binance) door(first *binanceKey, of func(*binanceKey) http.Handler) (rest, stream string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, ok := b.keys[r.Header.Get("X-Mbx-Apikey")]
		if !ok {
			k = first
		}
		of(k).ServeHTTP(w, r)
	}))
	b.t.Cleanup(s.Close)
	return s.URL, strings.Replace(s.URL, "http", "ws", 1)
}

// atBinance is a program that trades on the first key there, as with real money: only there an exchange says what a key may do.
func atBinance(t *testing.T, change func(b *binance, first *binanceKey)) (*program, *binance, *binanceKey) {
	t.Helper()
	b := &binance{t: t, keys: map[string]*binanceKey{}}
	first := b.open("first-key-of-a-test")
	change(b, first)
	env := map[string]string{"HOOX_PAPER_MARKET": "synthetic", "HOOX_EXCHANGE_BINANCE_MODE": "live"}
	rest, stream := b.door(first, func(k *binanceKey) http.Handler { return k.futures })
	spotRest, spotStream := b.door(first, func(k *binanceKey) http.Handler { return k.spot })
	for name, value := range map[string]string{"REST_URL": rest, "PUBLIC_WS_URL": stream, "PRIVATE_WS_URL": stream,
		"SPOT_REST_URL": spotRest, "SPOT_PUBLIC_WS_URL": spotStream, "SPOT_PRIVATE_WS_URL": spotStream} {
		env["HOOX_EXCHANGE_BINANCE_"+name] = value
	}
	dir := privateDir(t)
	giveKey(t, dir, first.key)
	p := startOn(t, configOf(t, dir, func(name string) string { return env[name] }))
	return p, b, first
}

// giveKey stores both halves of a key by commands.
func giveKey(t *testing.T, dir, key string) {
	t.Helper()
	for name, value := range map[string]string{"BINANCE_API_KEY": key, "BINANCE_API_SECRET": key + "-secret"} {
		if code, out, words := hoox(t, value+"\n", "--data-dir", dir, "secret", "set", name); code != exitOK {
			t.Fatalf("secret set %s: had %d %q %q", name, code, out, words)
		}
	}
}

// tested runs the connection test that a fix names.
func (p *program) tested(account string) {
	p.t.Helper()
	if code, out, words := p.hoox("", "accounts", "test", account); code != exitOK {
		p.t.Fatalf("accounts test: had %d %q %q", code, out, words)
	}
}

func TestDoctorFindsAKeyThatHasEnded(t *testing.T) {
	t.Parallel()
	p, b, _ := atBinance(t, func(_ *binance, first *binanceKey) {
		first.permit(binancesim.Permissions{Expires: time.Now().Add(-24 * time.Hour)})
	})
	p.fallsIll("binance:live key", "it ended on", "set BINANCE_API_KEY and BINANCE_API_SECRET")
	b.open("next-key-of-a-test")
	giveKey(t, p.dir, "next-key-of-a-test")
	p.tested("binance:live")
	p.recovers("binance:live key")
}

func TestDoctorFindsAKeyThatTheExchangeRefuses(t *testing.T) {
	t.Parallel()
	p, _, first := atBinance(t, func(_ *binance, first *binanceKey) { first.permit(binancesim.Permissions{Revoked: true}) })
	p.fallsIll("binance:live key", "Invalid API-key", "set BINANCE_API_KEY and BINANCE_API_SECRET")
	first.permit(binancesim.Permissions{})
	p.recovers("binance:live key") // it is tried again by itself
}

func TestDoctorFindsAPermissionThatIsMissing(t *testing.T) {
	t.Parallel()
	p, _, first := atBinance(t, func(_ *binance, first *binanceKey) { first.permit(binancesim.Permissions{NoTrading: true}) })
	p.fallsIll("binance:live key", "perpetuals no, spot no", "give the key the right to trade")
	first.permit(binancesim.Permissions{})
	p.tested("binance:live")
	p.recovers("binance:live key")
}

func TestDoctorFindsAClockThatIsOff(t *testing.T) {
	t.Parallel()
	p, b, _ := atBinance(t, func(b *binance, _ *binanceKey) { b.off.Store(int64(-4 * time.Second)) })
	p.fallsIll("binance:live clock", "differs by -4", "automatic time")
	b.off.Store(0) // as far as the exchange can tell, this computer's clock is right now
	p.tested("binance:live")
	p.recovers("binance:live clock")
}
