package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Rules are the settings of the public door, read anew for every request. The zero Rules let nobody in.
type Rules struct {
	// Keys are those that open the door.
	Keys Keys
	// AllowList are the addresses that may ask while AllowListOn; an empty list lets nobody in then.
	AllowList   []netip.Prefix
	AllowListOn bool
	// RateLimit is the number of requests of one credential in any 60 s; 0 switches the limit off.
	RateLimit int
	// ReserveForCloses is what closes get on top, so that a flood of entries cannot lock out a close.
	ReserveForCloses int
}

// limits are the number of requests of a key and its reserve for closes: its own rate where it has one.
func (r Rules) limits(k Key) (limit, reserve int) {
	if k.RateLimit > 0 {
		return k.RateLimit, k.RateLimit
	}
	return r.RateLimit, r.ReserveForCloses
}

// allows tells whether the address list lets a request in.
func (r Rules) allows(addr netip.Addr, known bool) bool {
	if !r.AllowListOn {
		return true
	}
	if !known {
		return false
	}
	for _, p := range r.AllowList {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// client is the address that a request came from, false when it cannot be told. The trusted header counts only on a
// connection from this computer, which is where the tunnel that sets it runs; it must be there once and hold one
// address. Without the header a local connection is what it says: local.
func client(r *http.Request, header string) (netip.Addr, bool) {
	if own, through := tunnelHeader(r); through {
		return stated(r, own)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	remote, ok := address(host)
	if !ok || header == "" || !remote.IsLoopback() {
		return remote, ok
	}
	if len(r.Header.Values(header)) == 0 {
		return remote, true
	}
	return stated(r, header)
}

// tunnelHeader is the header that carries the client's address on the connection of a request, "" when none does; false when
// it came through no tunnel.
func tunnelHeader(r *http.Request) (header string, through bool) {
	g, ok := r.Context().Value(guestKey{}).(*guest)
	if !ok {
		return "", false
	}
	c, ok := g.Conn.(interface{ ClientIPHeader() string })
	if !ok {
		return "", false
	}
	return c.ClientIPHeader(), true
}

// misnamed tells whether a request came through a tunnel that passes on the name which the world called, and asks for another:
// somebody else's name was led to our tunnel, and who uses that one sees what goes through it.
func misnamed(r *http.Request) bool {
	g, ok := r.Context().Value(guestKey{}).(*guest)
	if !ok {
		return false
	}
	c, ok := g.Conn.(interface{ PublicHost() string })
	if !ok {
		return false
	}
	public := c.PublicHost()
	name, port, err := net.SplitHostPort(r.Host)
	if err != nil || port != "443" && port != "80" {
		name = r.Host
	}
	return public != "" && !strings.EqualFold(name, public) && !strings.EqualFold(r.Host, public)
}

// stated is the address in a header that is believed; it must be there once and hold one address.
func stated(r *http.Request, header string) (netip.Addr, bool) {
	if header == "" {
		return netip.Addr{}, false
	}
	values := r.Header.Values(header)
	if len(values) != 1 {
		return netip.Addr{}, false
	}
	return address(values[0])
}

func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}
