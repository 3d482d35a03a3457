package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"hoox/backend/audit"
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
	// token is the internal key, or before the vault was ever open one of this run; rotating is held while it is changed.
	token    vault.Secret
	rotating sync.Mutex
	// waits tells that the vault was locked when the program started.
	waits bool
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
	i.house.mute, i.house.clean, i.house.knows, i.house.manners = book.mute, book.clean, book.knows, i.behave()
	err = i.converse(ctx)
	if err == nil {
		err = i.admit(ctx, listener, ui)
	}
	if err != nil {
		i.stop()
		return nil, errors.Join(err, listener.Close(), n.Close())
	}
	return i, nil
}

// admit decides who may come in by the control interface, and writes down that the program has started.
func (i *instance) admit(ctx context.Context, listener net.Listener, ui fs.FS) error {
	h := i.house
	table := func(who actor) map[string]route { return tableOf(newServices(h, who)) }
	h.sessions = newSessions(h.now, table)
	h.keys = newKeyring(i.token, i.node.Store, h.now, table)
	h.rotate = i.rotate
	if err := h.keys.load(ctx); err != nil {
		return err
	}
	i.control = newControl(h, listener, ui)
	digest, err := i.node.Config.Digest()
	if err != nil {
		return err
	}
	h.write(audit.Entry{
		Actor: "hoox", Origin: thisComputer, Action: audit.Boot, Subject: "version " + version, Decision: audit.Done,
		Detail: fmt.Sprintf("commit %s, configuration %s, clock %s", commit, digest, when(h.now())),
	})
	return nil
}

// rotate makes another internal key, for the vault, the control file and the door, in this order: one that cannot be told to
// commands is taken back.
func (i *instance) rotate() error {
	i.rotating.Lock()
	defer i.rotating.Unlock()
	if i.node.Vault.FromEnvironment(vault.InternalKey) {
		return trading.Errorf(trading.Refused, "the environment gives %s for this run: change it there and restart", vault.InternalKey)
	}
	kept, ok, err := i.node.Vault.Get(vault.InternalKey)
	if err != nil {
		return err
	}
	if !ok {
		kept = i.token
	}
	old, next := i.token, vault.NewSecret(randomText())
	i.book.hide(next)
	if err := i.node.Vault.Set(vault.InternalKey, next); err != nil {
		return err
	}
	i.token = next
	if err := i.tell(); err != nil {
		i.token = old
		return errors.Join(trading.Wrap(trading.Unavailable, err, "write control.json"), i.node.Vault.Set(vault.InternalKey, kept))
	}
	i.house.keys.change(next)
	i.book.log.Warn("the internal key is another one now")
	return nil
}

func (i *instance) furnish() error {
	if i.node.Vault.Locked() != nil {
		// The window and other commands must be able to unlock it, so this run has a token of its own.
		i.token, i.waits = vault.NewSecret(randomText()), true
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

// behave makes how the program behaves on this computer.
func (i *instance) behave() *manners {
	c := i.node.Config
	m := newManners(i.house, i.book.clean, newAutostart(c), newUpdates(i.house, c), i.node.Sleeps)
	m.witness = newWitness(c, i.book.clean, i.node.Store.Shape)
	return m
}

// run serves until the context of openInstance ends or a part fails, and closes everything. ready is called once alerts
// are taken and other commands can reach us.
func (i *instance) run(ready func()) error {
	group, ctx := errgroup.WithContext(i.base)
	group.Go(func() error { return i.node.Serve(ctx) })
	group.Go(func() error { return i.control.serve(ctx) })
	group.Go(func() error { return i.house.manners.serve(ctx) })
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
	if i.waits {
		if err := i.awaitVault(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case <-i.node.Ready():
	}
	if err := i.reachable(); err != nil {
		return err
	}
	i.book.log.Info("ready", "gateway", i.node.GatewayAddr(), "control", i.control.listener.Addr().String(), "data", i.node.Config.DataDir, "version", version)
	ready()
	return nil
}

// awaitVault lets other commands reach a start that waits, and brings in the vault's own token once it is unlocked. That of the
// start stays good, because a page or a command may hold it already, until the internal key is rotated.
func (i *instance) awaitVault(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-i.node.Keyed():
	case <-i.node.Waiting():
		if err := i.reachable(); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case <-i.node.Keyed():
	}
	i.rotating.Lock()
	defer i.rotating.Unlock()
	if err := i.identify(); err != nil {
		return err
	}
	i.house.keys.accept(i.token)
	return nil
}

// reachable writes down how to reach the instance.
func (i *instance) reachable() error {
	i.rotating.Lock()
	defer i.rotating.Unlock()
	return i.tell()
}

// tell writes down for other commands how to reach the instance. The caller holds rotating.
func (i *instance) tell() error {
	return writeControlFile(i.node.Config.DataDir, controlFile{
		Gateway: "http://" + i.node.GatewayAddr(), Control: i.control.url(), Token: i.token.Reveal(), PID: os.Getpid(), Version: version,
	})
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
