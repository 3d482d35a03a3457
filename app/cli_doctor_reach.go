package app

import (
	"context"
	"net"
	"time"

	"hoox/backend/tunnel"
)

// lookup tells where a name leads, as net.Resolver does.
type lookup func(ctx context.Context, host string) ([]string, error)

// namePatience bounds one question to a name server.
const namePatience = 5 * time.Second

func portFinding(name, address, flag string) finding {
	l, err := net.Listen("tcp", address)
	if portInUse(err) {
		return finding{name, false, address + " is taken by another program", "stop that program, or choose another port with " + flag + " or in config.toml"}
	}
	if err != nil {
		return finding{name, false, err.Error(), "choose an address of this computer with " + flag + " or in config.toml"}
	}
	_ = l.Close() // it was only tried
	return finding{Name: name, OK: true, Detail: address + " is free"}
}

// nameFinding looks up the public name. Whether it leads to this program only that can tell, while it runs.
func nameFinding(ctx context.Context, public string, names lookup) finding {
	ctx, cancel := context.WithTimeout(ctx, namePatience)
	defer cancel()
	if err := tunnel.Known(ctx, public, names); err != nil {
		return finding{"public name", false, faultOf(err, "").Message, tunnel.FixOf(err)}
	}
	return finding{Name: "public name", OK: true, Detail: public + " is known; whether it leads here is asked while hoox runs"}
}
