package tunnel

import (
	"context"
	"errors"
	"net"
	"net/url"

	"hoox/backend/trading"
)

// Known fails with Unavailable when the name in a public address leads nowhere as far as lookup knows, and with Invalid for what
// is no address. FixOf says what can be done.
func Known(ctx context.Context, public string, lookup func(ctx context.Context, host string) ([]string, error)) error {
	origin, err := publicOrigin(public)
	if err != nil {
		return &fault{err: err, fix: "correct the hostname"}
	}
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return &fault{err: trading.Errorf(trading.Invalid, "%q is not a public address", public), fix: "correct the hostname"}
	}
	if _, err := lookup(ctx, u.Hostname()); err != nil {
		return unresolved(err)
	}
	return nil
}

// FixOf is what a person can do about an error of this room, "" when it does not say.
func FixOf(err error) string { return faultOf(err).fix }

// unresolved is why a name leads nowhere.
func unresolved(err error) error {
	var said *net.DNSError
	if errors.As(err, &said) && said.IsNotFound {
		return failed("wait some minutes if the name is new; else give "+said.Name+" a record where its domain is kept, or correct the hostname",
			"the name %s is not known to this computer's name server (yet)", said.Name)
	}
	return failed("check this computer's connection to the internet", "the name server cannot be asked: %v", err)
}
