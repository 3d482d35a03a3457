package tunnel

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"

	"hoox/backend/trading"
)

// Kind names a way from the internet to the gateway.
type Kind string

// The kinds.
const (
	// None: this program opens no way; a person's own proxy or port may.
	None Kind = "none"
	// Cloudflared: Cloudflare's tunnel program, with an account (a hostname is set) or without one (quick).
	Cloudflared Kind = "cloudflared"
	// Ngrok: ngrok's service, inside this process.
	Ngrok Kind = "ngrok"
	// SSH: a port on a person's own server, over ssh inside this process.
	SSH Kind = "ssh"
	// Tailscale: Tailscale Funnel, by its command line.
	Tailscale Kind = "tailscale"
	// Command: any program that leads a public address to a local one.
	Command Kind = "command"
)

// passesName tells that every request of the kind comes with the name that the world called. A proxy of one's own, behind ssh
// and none, or a command may put any other in its place.
func (k Kind) passesName() bool { return k == Cloudflared || k == Ngrok || k == Tailscale }

// Kinds lists all kinds, the recommended first.
func Kinds() []Kind { return []Kind{Cloudflared, Tailscale, Ngrok, SSH, Command, None} }

// The names under which the vault keeps the secrets of tunnels.
const (
	SecretCloudflared   = "TUNNEL_CLOUDFLARED_TOKEN"
	SecretNgrok         = "TUNNEL_NGROK_AUTHTOKEN"
	SecretSSHKey        = "TUNNEL_SSH_KEY"
	SecretSSHPassphrase = "TUNNEL_SSH_PASSPHRASE"
	SecretCommand       = "TUNNEL_COMMAND_TOKEN"
)

// Config says which way there is and where it begins and ends. Only Kind is always needed.
type Config struct {
	Kind Kind
	// Hostname is the public address: "hooks.example.com", which means https, or scheme and host. A cloudflared without
	// it is a quick tunnel, an ngrok without it takes the account's own domain, a command may print it.
	Hostname string
	// Listen is the address on this computer at which the tunnel finds the gateway: "127.0.0.1:8789" or
	// "unix:/folder/file". Empty picks what suits the kind. Only a loopback address or a socket is allowed.
	Listen string
	// ClientIPHeader names the header in which a proxy of the person's own puts the client's address, for the kinds ssh,
	// command and none. It must be one that the proxy sets anew on every request.
	ClientIPHeader string
	// Path is the program of cloudflared or tailscale; empty looks for it.
	Path string
	// SHA256 is what that program must hash to at every start, in hex; empty starts whatever is there.
	SHA256 string
	// NgrokServer is where ngrok's service is, host and port; empty is ngrok's own.
	NgrokServer string
	// SSHAddr is the server, host and port (22 when it is left out); SSHUser is who logs in there.
	SSHAddr, SSHUser string
	// SSHKeyFile is the whole path of the private key, which nobody else may read; empty takes the vault's key, and without one the agent's.
	SSHKeyFile string
	// SSHHostKey is the server's public key as in known_hosts ("ssh-ed25519 AAAA…"). Empty has a person confirm the
	// fingerprint once.
	SSHHostKey string
	// SSHRemote is where the server listens for the tunnel; "127.0.0.1:8787" when empty.
	SSHRemote string
	// Argv is program and arguments of a command. "{port}", "{addr}" and "{origin}" stand for where the gateway is found.
	Argv []string
	// Pattern finds the public address in what the command prints; its first group, or all of it.
	Pattern string
	// TokenEnv names the environment variable in which the command gets the vault's TUNNEL_COMMAND_TOKEN.
	TokenEnv string
}

const (
	defaultRemote = "127.0.0.1:8787"
	// defaultFixed is where a tunnel that is set up elsewhere finds the gateway when there are no sockets with owners.
	defaultFixed = "127.0.0.1:8789"
	maxPattern   = 500
)

var (
	namePattern   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
	headerPattern = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
	hashPattern   = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// Check fails with Invalid, naming the key, for a configuration that cannot be.
func Check(c Config) error {
	_, err := c.checked()
	return err
}

// IsHeader tells whether a text can be the name of a header that a proxy sets.
func IsHeader(name string) bool { return headerPattern.MatchString(name) }

// checked holds the configuration against what can be and fills in what was left out. It fails with Invalid and names
// the key that is wrong.
func (c Config) checked() (Config, error) {
	var err error
	if c.Hostname, err = publicOrigin(c.Hostname); err != nil {
		return c, trading.FieldError("tunnel.hostname", "%v", err)
	}
	if err := checkListen(c.Listen); err != nil {
		return c, trading.FieldError("tunnel.listen", "%v", err)
	}
	if c.ClientIPHeader != "" && !IsHeader(c.ClientIPHeader) {
		return c, trading.FieldError("tunnel.client_ip_header", "%q is no name of a header", c.ClientIPHeader)
	}
	if c.SHA256 != "" && !hashPattern.MatchString(c.SHA256) {
		return c, trading.FieldError("tunnel.sha256", "%q is not 64 hexadecimal digits", c.SHA256)
	}
	c.SHA256 = strings.ToLower(c.SHA256)
	if c.Path != "" && !filepath.IsAbs(c.Path) {
		return c, trading.FieldError("tunnel.path", "%q is not a whole path: which program it means would depend on the folder this one was started in", c.Path)
	}
	switch c.Kind {
	case Cloudflared, Tailscale:
		err = c.checkPort()
	case None:
		err = c.checkNone()
	case Ngrok:
		err = c.checkNgrok()
	case SSH:
		err = c.checkSSH()
	case Command:
		err = c.checkCommand()
	default:
		return c, trading.FieldError("tunnel.kind", "%q is not one of none, cloudflared, ngrok, ssh, tailscale, command", c.Kind)
	}
	return c, err
}

// checkPort keeps sockets from programs that may not take one.
func (c *Config) checkPort() error {
	if strings.HasPrefix(c.Listen, "unix:") && (c.quick() || c.Kind == Tailscale) {
		return trading.FieldError("tunnel.listen", "this kind of tunnel needs a port: leave it empty, or write 127.0.0.1 and a port")
	}
	return nil
}

func (c *Config) checkNone() error {
	if c.ClientIPHeader != "" && c.Listen == "" {
		return trading.FieldError("tunnel.listen", "the header of your proxy is believed only where nothing else comes in: set listen to an address of its own, such as %s, and lead the proxy there", defaultFixed)
	}
	return nil
}

func (c *Config) checkNgrok() error {
	if c.NgrokServer == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.NgrokServer); err != nil {
		return trading.FieldError("tunnel.ngrok_server", "%q is not host and port", c.NgrokServer)
	}
	return nil
}

func (c *Config) checkSSH() error {
	if c.Hostname == "" {
		return trading.FieldError("tunnel.hostname", "say the public address that your server answers at, such as hooks.example.com")
	}
	if c.SSHAddr == "" || c.SSHUser == "" {
		return trading.FieldError("tunnel.ssh_addr", "say the server as ssh_addr (host:port) and who logs in there as ssh_user")
	}
	if _, _, err := net.SplitHostPort(c.SSHAddr); err != nil {
		c.SSHAddr = net.JoinHostPort(strings.Trim(c.SSHAddr, "[]"), "22")
	}
	c.SSHRemote = cmp.Or(c.SSHRemote, defaultRemote)
	if where, err := netip.ParseAddrPort(c.SSHRemote); err != nil || where.Port() == 0 {
		return trading.FieldError("tunnel.ssh_remote", "%q is not an address and a port such as %s", c.SSHRemote, defaultRemote)
	}
	if c.SSHKeyFile != "" && !filepath.IsAbs(c.SSHKeyFile) {
		return trading.FieldError("tunnel.ssh_key_file", "%q is not a whole path: which key it means would depend on the folder this program was started in", c.SSHKeyFile)
	}
	if c.SSHHostKey != "" {
		if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(c.SSHHostKey)); err != nil {
			return trading.FieldError("tunnel.ssh_host_key", "is no public key: write type and key as in known_hosts, \"ssh-ed25519 AAAA…\"")
		}
	}
	return nil
}

func (c *Config) checkCommand() error {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return trading.FieldError("tunnel.command", "say the program and its arguments as a list; no shell reads them")
	}
	if c.Hostname == "" && c.Pattern == "" {
		return trading.FieldError("tunnel.hostname", "say the public address, or a pattern that finds it in what the command prints")
	}
	if len(c.Pattern) > maxPattern {
		return trading.FieldError("tunnel.pattern", "is longer than %d bytes", maxPattern)
	}
	if _, err := regexp.Compile(c.Pattern); err != nil {
		return trading.FieldError("tunnel.pattern", "is no regular expression: %v", err)
	}
	if c.TokenEnv != "" && !namePattern.MatchString(c.TokenEnv) {
		return trading.FieldError("tunnel.token_env", "%q is no name of an environment variable", c.TokenEnv)
	}
	return nil
}

// quick tells that the tunnel has no account and a new address at each start.
func (c Config) quick() bool { return c.Kind == Cloudflared && c.Hostname == "" }

// publicOrigin turns what a person writes as a public address into scheme, host and, where it is not the scheme's own, port.
func publicOrigin(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	whole := text
	if !strings.Contains(text, "://") {
		whole = "https://" + text
	}
	u, err := url.Parse(whole)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return "", trading.Errorf(trading.Invalid, "%q is not a public address: write the host, such as hooks.example.com", text)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return "", trading.Errorf(trading.Invalid, "%q has scheme %q: alerts come by https", text, u.Scheme)
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host, nil
}

func checkListen(text string) error {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if !filepath.IsAbs(path) || len(path) > maxSocketPath {
			return trading.Errorf(trading.Invalid, "%q is not unix: and a whole path of at most %d bytes", text, maxSocketPath)
		}
		return nil
	}
	if text == "" {
		return nil
	}
	where, err := netip.ParseAddrPort(text)
	if err != nil || !where.Addr().IsLoopback() {
		return trading.Errorf(trading.Invalid, "%q is not an address of this computer only: write 127.0.0.1 and a port, or unix: and a path", text)
	}
	return nil
}
