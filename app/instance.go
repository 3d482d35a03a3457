package app

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sync/errgroup"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// instance is one running program: the node, the control interface over it, and the log.
type instance struct {
	node    *node.Node
	house   *house
	control *control
	book    *logbook
	token   vault.Secret
	// base is the life of every call; stop ends it.
	base context.Context
	stop context.CancelFunc
}

// openInstance locks the data folder, opens what is in it, and takes the control port. Nothing runs yet. The kinds of its
// errors are those of node.New; see exitOfStart.
func openInstance(ctx context.Context, c node.Config, ui fs.FS, book *logbook) (*instance, error) {
	host, err := hostOf("gateway.listen", c.Gateway.Listen)
	if err != nil {
		return nil, err
	}
	if !onThisComputer(host) {
		book.log.Warn("the gateway listens beyond this computer, and without TLS: let a tunnel or a reverse proxy on this computer lead to it", "listen", c.Gateway.Listen)
	}
	// The folder first: a second instance on it has taken ports of the first, and the folder is the better reason.
	n, err := node.New(ctx, c, book.log)
	if err != nil {
		return nil, err
	}
	listener, err := listenControl(ctx, c.Control.Listen)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	i := &instance{node: n, book: book}
	i.base, i.stop = context.WithCancel(ctx)
	if err := i.furnish(); err != nil {
		i.stop()
		return nil, errors.Join(err, listener.Close(), n.Close())
	}
	i.house = houseOf(i.base, n, book.log)
	i.house.mute = book.mute
	i.control = newControl(i.house, listener, i.token, ui)
	return i, nil
}

func (i *instance) furnish() error {
	if i.node.Vault.Locked() != nil {
		// The window and other commands must be able to unlock it, so this run has a token of its own.
		i.token = vault.NewSecret(randomText())
		i.book.hide(i.token)
	} else if err := i.identify(); err != nil {
		return err
	}
	return i.book.open(i.node.Config.DataDir)
}

// identify takes the vault's token, and lets the log know what it must not say.
func (i *instance) identify() error {
	token, ok, err := i.node.Vault.Get(vault.InternalKey)
	if err != nil {
		return err
	}
	if !ok {
		return trading.Errorf(trading.Internal, "there is no %s in the vault: restart", vault.InternalKey)
	}
	i.token = token
	return i.book.learn(i.node.Vault)
}

// run serves until the context of openInstance ends or a part fails, and closes everything. ready is called once alerts
// are taken and other commands can reach us.
func (i *instance) run(ready func()) error {
	group, ctx := errgroup.WithContext(i.base)
	group.Go(func() error { return i.node.Serve(ctx) })
	group.Go(func() error { return i.control.serve(ctx) })
	group.Go(func() error { return i.announce(ctx, ready) })
	err := group.Wait()
	i.stop()
	err = errors.Join(err, removeControlFile(i.node.Config.DataDir, os.Getpid()), i.node.Close())
	i.book.log.Info("stopped", "clean", err == nil)
	i.book.close()
	return err
}

// announce tells other commands how to reach us: once alerts are taken, and before that when somebody has to unlock the vault.
func (i *instance) announce(ctx context.Context, ready func()) error {
	select {
	case <-ctx.Done():
		return nil
	case <-i.node.Waiting():
		if err := writeControlFile(i.node.Config.DataDir, i.reachable()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-i.node.Keyed():
		}
		if err := i.identify(); err != nil {
			return err
		}
		i.control.door.tokens.accept(i.token)
	case <-i.node.Ready():
	}
	select {
	case <-ctx.Done():
		return nil
	case <-i.node.Ready():
	}
	if err := writeControlFile(i.node.Config.DataDir, i.reachable()); err != nil {
		return err
	}
	i.book.log.Info("ready", "gateway", i.node.GatewayAddr(), "control", i.control.listener.Addr().String(), "data", i.node.Config.DataDir, "version", version)
	ready()
	return nil
}

func (i *instance) reachable() controlFile {
	return controlFile{
		Gateway: "http://" + i.node.GatewayAddr(), Control: i.control.url(), Token: i.token.Reveal(), PID: os.Getpid(), Version: version,
	}
}

// exitOfStart is the exit code of a start that failed.
func exitOfStart(err error) int {
	switch trading.KindOf(err) {
	case "":
		return exitOK
	case trading.Conflict:
		return exitLocked
	case trading.Internal:
		return exitDamaged
	case trading.Invalid:
		return exitUsage
	default:
		return exitFailed
	}
}
