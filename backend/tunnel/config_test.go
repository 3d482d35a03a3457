package tunnel_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

func parts(t *testing.T) tunnel.Parts {
	return tunnel.Parts{
		Dir: t.TempDir(), Door: tunnel.NewDoor(), Now: time.Now,
		Secret: func(string) (string, bool, error) { return "", false, nil },
	}
}

// server is a whole ssh configuration.
var server = tunnel.Config{Kind: tunnel.SSH, Hostname: "hooks.example.com", SSHAddr: "server.example.com", SSHUser: "hoox"}

func TestConfigurationThatCannotBeNamesTheKey(t *testing.T) {
	with := func(c tunnel.Config, edit func(*tunnel.Config)) tunnel.Config { edit(&c); return c }
	command := tunnel.Config{Kind: tunnel.Command, Argv: []string{"frpc"}, Hostname: "a.example.com"}
	for name, c := range map[string]struct {
		config tunnel.Config
		field  string
	}{
		"kind":                      {tunnel.Config{Kind: "wormhole"}, "tunnel.kind"},
		"no kind":                   {tunnel.Config{}, "tunnel.kind"},
		"path in the address":       {tunnel.Config{Kind: tunnel.None, Hostname: "https://a.example.com/hook"}, "tunnel.hostname"},
		"password in the address":   {tunnel.Config{Kind: tunnel.None, Hostname: "https://me:pw@a.example.com"}, "tunnel.hostname"},
		"another scheme":            {tunnel.Config{Kind: tunnel.None, Hostname: "ftp://a.example.com"}, "tunnel.hostname"},
		"listen for everybody":      {tunnel.Config{Kind: tunnel.Cloudflared, Listen: "0.0.0.0:8789"}, "tunnel.listen"},
		"listen in the network":     {tunnel.Config{Kind: tunnel.Cloudflared, Listen: "192.168.1.5:8789"}, "tunnel.listen"},
		"listen at a port only":     {tunnel.Config{Kind: tunnel.Cloudflared, Listen: ":8789"}, "tunnel.listen"},
		"socket somewhere":          {tunnel.Config{Kind: tunnel.Cloudflared, Listen: "unix:gateway.sock"}, "tunnel.listen"},
		"socket for a quick tunnel": {tunnel.Config{Kind: tunnel.Cloudflared, Listen: "unix:/run/hoox.sock"}, "tunnel.listen"},
		"socket for Tailscale":      {tunnel.Config{Kind: tunnel.Tailscale, Listen: "unix:/run/hoox.sock"}, "tunnel.listen"},
		"header with a line break":  {with(server, func(c *tunnel.Config) { c.ClientIPHeader = "X-Ip\r\nX-Evil" }), "tunnel.client_ip_header"},
		"header without a listener": {tunnel.Config{Kind: tunnel.None, Hostname: "a.example.com", ClientIPHeader: "X-Real-Ip"}, "tunnel.listen"},
		"short hash":                {tunnel.Config{Kind: tunnel.Cloudflared, SHA256: "abc"}, "tunnel.sha256"},
		"relative program":          {tunnel.Config{Kind: tunnel.Cloudflared, Path: "./cloudflared"}, "tunnel.path"},
		"ngrok server":              {tunnel.Config{Kind: tunnel.Ngrok, NgrokServer: "example.com"}, "tunnel.ngrok_server"},
		"ssh without address":       {with(server, func(c *tunnel.Config) { c.Hostname = "" }), "tunnel.hostname"},
		"ssh without server":        {with(server, func(c *tunnel.Config) { c.SSHAddr = "" }), "tunnel.ssh_addr"},
		"ssh without user":          {with(server, func(c *tunnel.Config) { c.SSHUser = "" }), "tunnel.ssh_addr"},
		"ssh to a name":             {with(server, func(c *tunnel.Config) { c.SSHRemote = "localhost:80" }), "tunnel.ssh_remote"},
		"ssh key file":              {with(server, func(c *tunnel.Config) { c.SSHKeyFile = ".ssh/id_ed25519" }), "tunnel.ssh_key_file"},
		"ssh host key":              {with(server, func(c *tunnel.Config) { c.SSHHostKey = "SHA256:abc" }), "tunnel.ssh_host_key"},
		"no command":                {with(command, func(c *tunnel.Config) { c.Argv = nil }), "tunnel.command"},
		"command without address":   {with(command, func(c *tunnel.Config) { c.Hostname = "" }), "tunnel.hostname"},
		"pattern":                   {with(command, func(c *tunnel.Config) { c.Pattern = "(" }), "tunnel.pattern"},
		"endless pattern":           {with(command, func(c *tunnel.Config) { c.Pattern = strings.Repeat("a", 501) }), "tunnel.pattern"},
		"variable":                  {with(command, func(c *tunnel.Config) { c.TokenEnv = "A=B" }), "tunnel.token_env"},
	} {
		_, err := tunnel.New(c.config, parts(t))
		var e *trading.Error
		if !errors.As(err, &e) || e.Kind != trading.Invalid || e.Field != c.field {
			t.Errorf("%s: had %v, want Invalid for %s", name, err, c.field)
		}
	}
}

func TestPublicAddressIsSchemeAndHost(t *testing.T) {
	for text, want := range map[string]string{
		"hooks.example.com": "https://hooks.example.com", "HTTPS://Hooks.Example.com:443/": "https://hooks.example.com",
		"http://hooks.example.com:80": "http://hooks.example.com", "https://hooks.example.com:8443": "https://hooks.example.com:8443",
		"": "",
	} {
		if had, err := tunnel.PublicOrigin(text); err != nil || had != want {
			t.Errorf("%q: had %q, %v; want %q", text, had, err, want)
		}
	}
}

func TestEveryKindSaysWhatItIsGoodFor(t *testing.T) {
	whole := map[tunnel.Kind]tunnel.Config{
		tunnel.SSH: server, tunnel.Command: {Kind: tunnel.Command, Argv: []string{"frpc"}, Hostname: "a.example.com"},
		tunnel.Cloudflared: {Kind: tunnel.Cloudflared, Hostname: "a.example.com"}, tunnel.None: {Kind: tunnel.None, Hostname: "a.example.com"},
	}
	headers := map[tunnel.Kind]string{tunnel.Cloudflared: "Cf-Connecting-Ip", tunnel.Ngrok: "X-Hoox-Client-Ip", tunnel.Tailscale: "X-Forwarded-For"}
	for _, kind := range tunnel.Kinds() {
		c, ok := whole[kind]
		if !ok {
			c = tunnel.Config{Kind: kind}
		}
		r, err := tunnel.New(c, parts(t))
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		f := r.Facts()
		if f.Kind != kind || f.TLS == "" || f.Address == "" || f.Live != "" {
			t.Errorf("%s: had %+v, want who can read alerts, what the address list can do, and that it may carry live", kind, f)
		}
		if f.Header != headers[kind] {
			t.Errorf("%s: header is %q, want %q", kind, f.Header, headers[kind])
		}
		if cannot := strings.Contains(f.Address, "the address list cannot apply"); cannot != (f.Header == "") {
			t.Errorf("%s: with header %q it says %q", kind, f.Header, f.Address)
		}
	}
}

func TestWhatIsNotEncryptedMayNotCarryLive(t *testing.T) {
	plain, open := server, server
	plain.Hostname = "http://hooks.example.com"
	open.SSHRemote = "0.0.0.0:80"
	for name, c := range map[string]tunnel.Config{
		"own proxy": {Kind: tunnel.None, Hostname: "http://hooks.example.com"}, "command": {Kind: tunnel.Command, Argv: []string{"frpc"}, Hostname: "http://a.example.com"},
		"ssh": plain, "ssh that listens for everybody": open,
	} {
		r, err := tunnel.New(c, parts(t))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := r.MayCarryLive(); trading.KindOf(err) != trading.Refused {
			t.Errorf("%s: had %v, want Refused: the key in an alert could be read on the way", name, err)
		}
	}
}

func TestRecipesHoldWhatIsToBeCopied(t *testing.T) {
	r, err := tunnel.New(server, parts(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hooks.example.com {", "reverse_proxy 127.0.0.1:8787", "header_up X-Hoox-Client-Ip {remote_host}", `permitlisten="127.0.0.1:8787"`, "ClientAliveInterval"} {
		if !strings.Contains(r.Facts().Recipe, want) {
			t.Errorf("the recipe lacks %q:\n%s", want, r.Facts().Recipe)
		}
	}
	own, err := tunnel.New(tunnel.Config{Kind: tunnel.None, Hostname: "a.example.com", Listen: "unix:/run/user/1000/hoox.sock", ClientIPHeader: "X-Real-Ip"}, parts(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a.example.com {", "reverse_proxy unix//run/user/1000/hoox.sock", "header_up X-Real-Ip {remote_host}"} {
		if !strings.Contains(own.Facts().Recipe, want) {
			t.Errorf("the recipe lacks %q:\n%s", want, own.Facts().Recipe)
		}
	}
	for _, system := range []string{"linux", "darwin", "windows", "plan9"} {
		for _, program := range []string{"cloudflared", "tailscale"} {
			if tunnel.InstallHintFor(program, system) == "" {
				t.Errorf("no word on how to install %s on %s", program, system)
			}
		}
	}
}
