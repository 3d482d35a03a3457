package node

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"hoox/backend/gateway"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
	"hoox/backend/vault"
	"hoox/backend/wire"
)

// Config says where things are. What a trader changes while the program runs are settings.
type Config struct {
	// DataDir holds ledger, vault, logs and lock.
	DataDir string `toml:"-"`
	// File is where the configuration was read, "" when there was none.
	File string `toml:"-"`
	// Now is the clock; the wall clock when nil.
	Now func() time.Time `toml:"-"`
	// Keychain is the system's, for the vault; nil is none, so that a test or a throw-away folder leaves nothing in it.
	Keychain vault.Keychain `toml:"-"`
	// Passphrase opens the vault, or seals a new one; empty for none.
	Passphrase vault.Secret `toml:"-"`
	// StartLocked lets a start go on with a vault that is locked, and wait for somebody to unlock it.
	StartLocked bool `toml:"-"`
	// Free tells how much room is left on the disk of a folder; the system's word when nil.
	Free func(dir string) (bytes uint64, err error) `toml:"-"`
	// Dial makes the connections that ask through the public address; over TCP, with the system's name server, when nil.
	Dial wire.Dial `toml:"-"`
	// Settle is how long an order must be absent at an exchange before that is believed; the exchange's own when zero.
	Settle time.Duration `toml:"-"`

	Gateway  GatewayConfig  `toml:"gateway"`
	Control  ControlConfig  `toml:"control"`
	Exchange ExchangeTable  `toml:"exchange"`
	Paper    PaperConfig    `toml:"paper"`
	Telegram TelegramConfig `toml:"telegram"`
	Email    EmailConfig    `toml:"email"`
	Tunnel   TunnelConfig   `toml:"tunnel"`
	Update   UpdateConfig   `toml:"update"`
	Vault    VaultConfig    `toml:"vault"`
	Log      LogConfig      `toml:"log"`
}

// GatewayConfig is the public listener.
type GatewayConfig struct {
	Listen                string `toml:"listen"`
	AnswerBudget          string `toml:"answer_budget"`
	TrustedClientIPHeader string `toml:"trusted_client_ip_header"`
}

// ControlConfig is the loopback interface and the browser's UI.
type ControlConfig struct {
	Listen string `toml:"listen"`
}

// ExchangeTable is one block for each real exchange.
type ExchangeTable struct {
	Bybit   ExchangeConfig `toml:"bybit"`
	Binance ExchangeConfig `toml:"binance"`
	MEXC    ExchangeConfig `toml:"mexc"`
}

// ExchangeConfig overrides where an exchange is and says in which mode it trades.
type ExchangeConfig struct {
	RestURL          string `toml:"rest_url"`
	PublicWSURL      string `toml:"public_ws_url"`
	PrivateWSURL     string `toml:"private_ws_url"`
	SpotRestURL      string `toml:"spot_rest_url"`
	SpotPublicWSURL  string `toml:"spot_public_ws_url"`
	SpotPrivateWSURL string `toml:"spot_private_ws_url"`
	// Mode is paper, testnet or live; "" leaves it to what a person switched on in the window.
	Mode string `toml:"mode"`
}

// of is the block of an exchange; the zero block for one that has none.
func (t ExchangeTable) of(e trading.Exchange) ExchangeConfig {
	switch e {
	case trading.Bybit:
		return t.Bybit
	case trading.Binance:
		return t.Binance
	case trading.MEXC:
		return t.MEXC
	case trading.Paper:
	}
	return ExchangeConfig{}
}

// PaperConfig is the paper exchange's market.
type PaperConfig struct {
	Market string `toml:"market"`
	Seed   int64  `toml:"seed"`
}

// TelegramConfig and EmailConfig are read so that one file serves every version; their parts say in Health whether they are
// in this one.
type TelegramConfig struct {
	APIURL string `toml:"api_url"`
}

// EmailConfig is where mail is read.
type EmailConfig struct {
	IMAPAddr string `toml:"imap_addr"`
}

// TunnelConfig is how the world reaches the gateway. Programs and what they are told stand here and in the environment only:
// whoever could change them in the window could run anything.
type TunnelConfig struct {
	// Kind is none, cloudflared, ngrok, ssh, tailscale or command; the setting tunnel:kind may choose another one.
	Kind string `toml:"kind"`
	// Hostname is the public address. What each of the others means: tunnel.Config.
	Hostname       string   `toml:"hostname"`
	Listen         string   `toml:"listen"`
	ClientIPHeader string   `toml:"client_ip_header"`
	Path           string   `toml:"path"`
	SHA256         string   `toml:"sha256"`
	NgrokServer    string   `toml:"ngrok_server"`
	SSHAddr        string   `toml:"ssh_addr"`
	SSHUser        string   `toml:"ssh_user"`
	SSHKeyFile     string   `toml:"ssh_key_file"`
	SSHHostKey     string   `toml:"ssh_host_key"`
	SSHRemote      string   `toml:"ssh_remote"`
	Command        []string `toml:"command"`
	Pattern        string   `toml:"pattern"`
	TokenEnv       string   `toml:"token_env"`
}

// UpdateConfig is where a note of the newest version is asked for; "" is where this build was told to.
type UpdateConfig struct {
	Manifest string `toml:"manifest"`
}

// VaultConfig is how a vault is sealed that is made by this start: auto, keychain, passphrase or file. It moves none that is
// there.
type VaultConfig struct {
	Seal string `toml:"seal"`
}

// FirstSeal is how a new vault is sealed, "" for auto.
func (c Config) FirstSeal() vault.Kind {
	if c.Vault.Seal == sealAuto {
		return ""
	}
	return vault.Kind(c.Vault.Seal)
}

// sealAuto takes a passphrase that is handed over, else the keychain, else a file.
const sealAuto = "auto"

// LogConfig is how much is logged.
type LogConfig struct {
	Level string `toml:"level"`
}

// Flags are the command line's part of the configuration; "" leaves a value as it is.
type Flags struct {
	DataDir       string
	ConfigFile    string
	GatewayListen string
	ControlListen string
	LogLevel      string
}

func defaults() Config {
	return Config{
		Gateway: GatewayConfig{Listen: "127.0.0.1:8787", AnswerBudget: "2s"},
		Control: ControlConfig{Listen: "127.0.0.1:8788"},
		Paper:   PaperConfig{Market: "auto", Seed: 1},
		Tunnel:  TunnelConfig{Kind: "none"},
		Vault:   VaultConfig{Seal: sealAuto},
		Log:     LogConfig{Level: "info"},
	}
}

// Load reads the configuration: flag before environment before file before default. It fails with Invalid and names
// file, line and column, or the variable, that is wrong.
func Load(f Flags, env func(string) string) (Config, error) {
	c := defaults()
	c.DataDir = firstOf(f.DataDir, env("HOOX_DATA_DIR"), filepath.Join(xdg.DataHome, "hoox"))
	file := firstOf(f.ConfigFile, env("HOOX_CONFIG"))
	asked := file != ""
	if file == "" {
		file = filepath.Join(xdg.ConfigHome, "hoox", "config.toml")
		if f.DataDir != "" || env("HOOX_DATA_DIR") != "" {
			file = filepath.Join(c.DataDir, "config.toml")
		}
	}
	if err := c.readFile(file, asked); err != nil {
		return c, err
	}
	if err := applyEnv(reflect.ValueOf(&c).Elem(), "HOOX", env); err != nil {
		return c, err
	}
	override(&c.Gateway.Listen, f.GatewayListen)
	override(&c.Control.Listen, f.ControlListen)
	override(&c.Log.Level, f.LogLevel)
	abs, err := filepath.Abs(c.DataDir)
	if err != nil {
		return c, trading.FieldError("data-dir", "%v", err)
	}
	c.DataDir = abs
	return c, c.check()
}

// Budget is how long a webhook waits for its outcome. The gateway takes zero for its default, so a budget of nothing is the
// shortest time there is.
func (c Config) Budget() time.Duration {
	d, err := time.ParseDuration(c.Gateway.AnswerBudget)
	if err != nil {
		return 0
	}
	return max(d, 1)
}

func (c Config) check() error {
	budget, err := time.ParseDuration(c.Gateway.AnswerBudget)
	if err != nil || budget < 0 || budget > gateway.LongestBudget {
		return trading.FieldError("gateway.answer_budget", "%q is not a time from 0s to %s (TradingView hangs up at 3s)", c.Gateway.AnswerBudget, gateway.LongestBudget)
	}
	if name := c.Gateway.TrustedClientIPHeader; name != "" && !tunnel.IsHeader(name) {
		return trading.FieldError("gateway.trusted_client_ip_header", "%q is no name of a header such as CF-Connecting-IP", name)
	}
	for _, e := range realExchanges() {
		if err := c.Exchange.of(e).check(string(e)); err != nil {
			return err
		}
	}
	switch c.Paper.Market {
	case "auto", "synthetic", "live":
	default:
		return trading.FieldError("paper.market", "%q is not one of auto, live, synthetic", c.Paper.Market)
	}
	if err := tunnel.Check(c.Tunnel.of()); err != nil {
		return err
	}
	if u, err := url.Parse(c.Update.Manifest); c.Update.Manifest != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
		return trading.FieldError("update.manifest", "%q is not the address of a note: write https://, host and path", c.Update.Manifest)
	}
	if kind := c.FirstSeal(); kind != "" && vault.CheckKind(kind) != nil {
		return trading.FieldError("vault.seal", "%q is not one of auto, keychain, passphrase, file", c.Vault.Seal)
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
		return nil
	}
	return trading.FieldError("log.level", "%q is not one of debug, info, warn, error", c.Log.Level)
}

// check holds the block of one exchange against what can be.
func (e ExchangeConfig) check(name string) error {
	switch trading.Mode(e.Mode) {
	case "", trading.ModePaper, trading.ModeTestnet, trading.ModeLive:
	default:
		return trading.FieldError("exchange."+name+".mode", "%q is not one of paper, testnet, live", e.Mode)
	}
	for _, o := range []struct{ key, value, plain, secret string }{
		{"rest_url", e.RestURL, "http", "https"}, {"spot_rest_url", e.SpotRestURL, "http", "https"},
		{"public_ws_url", e.PublicWSURL, "ws", "wss"}, {"private_ws_url", e.PrivateWSURL, "ws", "wss"},
		{"spot_public_ws_url", e.SpotPublicWSURL, "ws", "wss"}, {"spot_private_ws_url", e.SpotPrivateWSURL, "ws", "wss"},
	} {
		if err := checkOrigin(o.value, o.plain, o.secret); err != nil {
			return trading.FieldError("exchange."+name+"."+o.key, "%v", err)
		}
	}
	return nil
}

// checkOrigin wants scheme, host and port only. Without encryption an address must be this computer's: keys and orders
// would travel for everybody to read.
func checkOrigin(text, plain, secret string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is not an origin: write scheme, host and port only, such as %s://example.com:443", text, secret)
	}
	switch u.Scheme {
	case secret:
		return nil
	case plain:
		ip := net.ParseIP(u.Hostname())
		if u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return nil
		}
		return fmt.Errorf("%q is not encrypted, which is for this computer only: use %s://", text, secret)
	}
	return fmt.Errorf("%q has scheme %q: use %s://", text, u.Scheme, secret)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func override(target *string, value string) {
	if value != "" {
		*target = value
	}
}
