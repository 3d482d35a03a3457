package tunnel

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// maxSocketPath is what every system takes as the path of a socket.
const maxSocketPath = 100

// gate is a listener on this computer that only the tunnel's program is told of. What comes in goes to the door.
type gate struct {
	net.Listener
	// origin is how the tunnel's program writes where the gate is.
	origin string
	stop   context.CancelFunc
	done   chan struct{}
}

// fixedListen is where a tunnel that is set up elsewhere finds the gateway when nothing was said: a socket in our own
// folder, which other users of this computer cannot reach.
func (r *Runner) fixedListen() string {
	path := filepath.Join(r.dir, "gateway.sock")
	if runtime.GOOS == "windows" || len(path) > maxSocketPath {
		return defaultFixed
	}
	return "unix:" + path
}

// open opens the gate and shows where it is. fallback is where, when the configuration does not say.
func (a *attempt) open(ctx context.Context, fallback string) (*gate, error) {
	where := cmp.Or(a.r.config.Listen, fallback)
	l, err := listen(ctx, where)
	if err != nil {
		return nil, failed("stop the program that has this address, or set [tunnel] listen to another one", "listen for the tunnel at %s: %v", where, err)
	}
	ctx, stop := context.WithCancel(ctx)
	g := &gate{Listener: l, origin: where, stop: stop, done: make(chan struct{})}
	if l.Addr().Network() == "tcp" {
		g.origin = "http://" + l.Addr().String()
	}
	a.r.set(func(s *State) { s.Local = g.origin })
	go func() {
		defer close(g.done)
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				// Too many open files, most likely: what is served now frees some.
				a.r.parts.Log.Warn("accept from the tunnel", "error", err)
				if wire.Pause(ctx, a.r.pace.ready) != nil {
					return
				}
				continue
			}
			a.r.parts.Door.hand(ctx, c, a)
		}
	}()
	return g, nil
}

// shut closes the gate and waits until nobody accepts any more.
func (g *gate) shut() {
	g.stop()
	_ = g.Close()
	<-g.done
}

func listen(ctx context.Context, where string) (net.Listener, error) {
	var lc net.ListenConfig
	path, isSocket := strings.CutPrefix(where, "unix:")
	if !isSocket {
		return lc.Listen(ctx, "tcp", where)
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// removeStale takes away a socket that a killed run left behind, and nothing else.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&os.ModeSocket == 0 {
		return trading.Errorf(trading.Conflict, "%s is there and is no socket", path)
	}
	var d net.Dialer
	if c, err := d.DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return trading.Errorf(trading.Conflict, "another program answers at %s", path)
	}
	return os.Remove(path)
}
