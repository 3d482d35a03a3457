package tunnel_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

func TestTheNameInAPublicAddressIsLookedUpAsItIsWritten(t *testing.T) {
	var asked string
	lookup := func(err error) func(context.Context, string) ([]string, error) {
		return func(_ context.Context, host string) ([]string, error) {
			asked = host
			return []string{"127.0.0.1"}, err
		}
	}
	for _, public := range []string{"hooks.example.com", "https://Hooks.Example.com", "http://hooks.example.com:8080/"} {
		if err := tunnel.Known(t.Context(), public, lookup(nil)); err != nil || asked != "hooks.example.com" {
			t.Errorf("%s: asked for %q: %v", public, asked, err)
		}
	}
	for name, c := range map[string]struct {
		public     string
		says       error
		kind       trading.Kind
		words, fix string
	}{
		"unknown":    {"hooks.example.com", &net.DNSError{Name: "hooks.example.com", IsNotFound: true}, trading.Unavailable, "hooks.example.com is not known", "record"},
		"no network": {"hooks.example.com", &net.DNSError{Name: "hooks.example.com", Err: "server misbehaving"}, trading.Unavailable, "cannot be asked", "connection"},
		"no answer":  {"hooks.example.com", errors.New("timeout"), trading.Unavailable, "timeout", "connection"},
		"nothing":    {"", nil, trading.Invalid, "not a public address", "correct"},
		"no address": {"https://user@/x", nil, trading.Invalid, "not a public address", "correct"},
	} {
		err := tunnel.Known(t.Context(), c.public, lookup(c.says))
		if trading.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.words) || !strings.Contains(tunnel.FixOf(err), c.fix) {
			t.Errorf("%s: had %v, fix %q; want %s with %q and %q", name, err, tunnel.FixOf(err), c.kind, c.words, c.fix)
		}
	}
}
