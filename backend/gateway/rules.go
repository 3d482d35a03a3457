package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
)

// Rules are the settings of the public door, read anew for every request. The zero Rules let nobody in.
type Rules struct {
	// CheckKey tells whose key a text is; see Keys.Check. It must take the same time for every text of a length.
	CheckKey func(candidate string) (credential string, ok bool)
	// AllowList are the addresses that may ask while AllowListOn; an empty list lets nobody in then.
	AllowList   []netip.Prefix
	AllowListOn bool
	// RateLimit is the number of requests of one credential in any 60 s; 0 switches the limit off.
	RateLimit int
	// ReserveForCloses is what closes get on top, so that a flood of entries cannot lock out a close.
	ReserveForCloses int
}

func (r Rules) whose(candidate string) (string, bool) {
	if r.CheckKey == nil {
		return "", false
	}
	return r.CheckKey(candidate)
}

// Key is one webhook key and the name under which its signals are kept.
type Key struct {
	Credential string
	Secret     string
}

// Keys holds digests of keys, never the keys. The zero Keys know nobody.
type Keys struct{ known []digest }

type digest struct {
	credential string
	sum        [sha256.Size]byte
}

// NewKeys digests keys; an empty secret is nobody's key and is left out.
func NewKeys(keys ...Key) Keys {
	var out Keys
	for _, k := range keys {
		if k.Secret != "" {
			out.known = append(out.known, digest{k.Credential, sha256.Sum256([]byte(k.Secret))})
		}
	}
	return out
}

// Check tells whose key a text is. All keys are compared, whichever fits, in constant time on SHA-256 digests.
func (k Keys) Check(candidate string) (credential string, ok bool) {
	sum := sha256.Sum256([]byte(candidate))
	found := -1
	for i := range k.known {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], k.known[i].sum[:]), i, found)
	}
	if found < 0 {
		return "", false
	}
	return k.known[found].credential, true
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
