package tunnel

import (
	"cmp"
	"net/url"
	"runtime"
	"strings"
)

// proxyBlock is a site of the web server Caddy, which gets and renews its certificate by itself.
func proxyBlock(hostname, upstream, header string) string {
	host := hostname
	if u, err := url.Parse(hostname); err == nil && u.Host != "" {
		host = u.Host
	}
	return host + ` {
	request_body {
		max_size 64KB
	}
	reverse_proxy ` + upstream + ` {
		header_up ` + cmp.Or(header, headerOwn) + ` {remote_host}
	}
}
`
}

func sshRecipe(c Config) string {
	return `# /etc/caddy/Caddyfile on the server, then: systemctl reload caddy
` + proxyBlock(c.Hostname, c.SSHRemote, c.ClientIPHeader) + `
# ~` + c.SSHUser + `/.ssh/authorized_keys on the server: this key may open this one port and nothing else
restrict,port-forwarding,permitlisten="` + c.SSHRemote + `" <your public key>

# /etc/ssh/sshd_config on the server: a connection that broke gives the port back within half a minute
ClientAliveInterval 10
ClientAliveCountMax 3

# here, once the proxy runs: client_ip_header = "` + cmp.Or(c.ClientIPHeader, headerOwn) + `"
`
}

func proxyRecipe(c Config) string {
	listen := cmp.Or(c.Listen, defaultFixed)
	upstream := listen
	if path, ok := strings.CutPrefix(listen, "unix:"); ok {
		upstream = "unix/" + path
	}
	return `# Caddyfile on this computer; here: listen = "` + listen + `", client_ip_header = "` + cmp.Or(c.ClientIPHeader, headerOwn) + `"
` + proxyBlock(c.Hostname, upstream, c.ClientIPHeader)
}

func cloudflareRecipe(c Config) string {
	host := strings.TrimPrefix(strings.TrimPrefix(c.Hostname, "https://"), "http://")
	return `Cloudflare dashboard: Zero Trust, Networks, Tunnels, your tunnel, public hostnames.
One entry: hostname ` + host + `, no path, and as service what this page shows as the local address.
No other entry: this tunnel is stopped as soon as it leads anywhere else on this computer or its network.
`
}

// installHint says how a program is installed on the system this one was built for.
func installHint(program string) string { return installHintFor(program, runtime.GOOS) }

func installHintFor(program, system string) string {
	hints := map[string]string{
		"cloudflared linux":   "Debian and Ubuntu: add the repository at https://pkg.cloudflare.com, then `sudo apt-get install cloudflared`; others: put the program from github.com/cloudflare/cloudflared/releases on the PATH",
		"cloudflared darwin":  "`brew install cloudflared`",
		"cloudflared windows": "`winget install --id Cloudflare.cloudflared`",
		"tailscale linux":     "follow https://tailscale.com/download/linux, then `sudo tailscale up` and `sudo tailscale set --operator=$USER`",
		"tailscale darwin":    "install Tailscale from https://tailscale.com/download/mac and sign in",
		"tailscale windows":   "`winget install --id Tailscale.Tailscale`, then sign in",
	}
	if hint, ok := hints[program+" "+system]; ok {
		return hint
	}
	return "put " + program + " on the PATH, or say where it is"
}
