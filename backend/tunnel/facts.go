package tunnel

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"hoox/backend/trading"
)

// Facts are what is known of a tunnel before it runs. The window shows them beside the choice.
type Facts struct {
	Kind Kind
	// Header is the one header that carries the client's address, "" when none does. Nothing else that a request says
	// about where it comes from is to be believed.
	Header string
	// Address says in a sentence what that means for the address list.
	Address string
	// TLS says where the encryption ends and who can read alerts there.
	TLS string
	// Live is why the tunnel must not carry alerts for real money, "" when it may.
	Live string
	// Recipe is what to set up outside of this program, ready to copy; "" when there is nothing.
	Recipe string
	// Install says how the program that it needs is installed here; "" when it needs none.
	Install string
}

const (
	headerCloudflare = "Cf-Connecting-Ip"
	headerTailscale  = "X-Forwarded-For"
	// headerOwn is set by ngrok's edge because our own rule tells it to, and recommended for a proxy of the person's own.
	headerOwn = "X-Hoox-Client-Ip"
)

const noAddress = "The client's address is not known here, so the address list cannot apply: with it switched on every alert would be refused. The key in the alert still counts."

// FactsOf is what a configuration amounts to, before anything runs; what is wrong in it is not looked at.
func FactsOf(c Config) Facts {
	c.Hostname, _ = publicOrigin(c.Hostname) // a name that cannot be is told by Check
	c.SSHRemote = cmp.Or(c.SSHRemote, defaultRemote)
	return factsOf(c)
}

// factsOf tells what a checked configuration amounts to.
func factsOf(c Config) Facts {
	f := Facts{Kind: c.Kind, Header: c.ClientIPHeader}
	switch c.Kind {
	case Cloudflared:
		f.Header = headerCloudflare
		f.TLS = "TLS ends at Cloudflare, which can read alerts, and is renewed from there to this computer."
		f.Install = installHint("cloudflared")
		if c.quick() {
			f.Live = "a quick tunnel has a new address at each start, no promise to stay up and room for 200 requests at once: it is for trying things out; set a hostname and a token of a named tunnel"
		} else {
			f.Recipe = cloudflareRecipe(c)
		}
	case Ngrok:
		f.Header = headerOwn
		f.TLS = "TLS ends at ngrok, which can read alerts, and is renewed from there to this computer."
	case Tailscale:
		f.Header = headerTailscale
		f.TLS = "TLS ends in the Tailscale program on this computer: nobody in between can read alerts. The name of this computer becomes public with its certificate."
		f.Install = installHint("tailscale")
	case SSH:
		f.TLS = "TLS ends at the proxy on your server, and ssh leads from there to this computer. Your server can read alerts."
		f.Recipe = sshRecipe(c)
		f.Live = plainReason(c.Hostname)
		if where, err := netip.ParseAddrPort(c.SSHRemote); err == nil && !where.Addr().IsLoopback() && f.Live == "" {
			f.Live = "the server would listen at " + c.SSHRemote + " without TLS for everybody: set ssh_remote to an address of the server only, such as " + defaultRemote + ", and put a proxy with TLS in front"
		}
	case Command:
		f.TLS = "Where TLS ends is up to the command; whoever runs that place can read alerts."
		f.Live = plainReason(c.Hostname)
	case None:
		f.TLS = "TLS is up to your own proxy or port."
		f.Live = plainReason(c.Hostname)
		if c.Hostname != "" {
			f.Recipe = proxyRecipe(c)
		}
	}
	f.Address = noAddress
	if f.Header != "" {
		f.Address = fmt.Sprintf("The client's address comes in %s, and is believed only on connections of this tunnel.", f.Header)
	}
	return f
}

// plainReason is why a public address must not carry alerts for real money, "" when it may.
func plainReason(public string) string {
	if !strings.HasPrefix(public, "http://") {
		return ""
	}
	return "the public address " + public + " is not encrypted: everybody on the way could read the key in an alert and trade with it; put TLS in front and set an https address"
}

// unfit is why the tunnel must not carry alerts for real money, by what it is and by the address that it has; "" when it
// may.
func (r *Runner) unfit() string {
	if r.facts.Live != "" {
		return r.facts.Live
	}
	return plainReason(r.State().Public)
}

// MayCarryLive fails with Refused when alerts for real money must not come this way.
func (r *Runner) MayCarryLive() error {
	why := r.unfit()
	if why == "" {
		return nil
	}
	return trading.Errorf(trading.Refused, "this tunnel carries no alerts for real money: %s", why)
}
