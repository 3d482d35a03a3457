package gateway

import (
	"net"
	"net/http"
	"net/netip"
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
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	remote, ok := address(host)
	if !ok || header == "" || !remote.IsLoopback() {
		return remote, ok
	}
	switch values := r.Header.Values(header); len(values) {
	case 0:
		return remote, true
	case 1:
		return address(values[0])
	default:
		return netip.Addr{}, false
	}
}

func address(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}
