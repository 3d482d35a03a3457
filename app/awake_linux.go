package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/godbus/dbus/v5"
)

const (
	logind     = "org.freedesktop.login1"
	logindPath = dbus.ObjectPath("/org/freedesktop/login1")
	logindFace = "org.freedesktop.login1.Manager"
	saver      = "org.freedesktop.ScreenSaver"
	saverPath  = dbus.ObjectPath("/org/freedesktop/ScreenSaver")
)

// holdAwake asks logind, or where there is none the session's screen saver.
func holdAwake(why string) (func(), string, error) {
	release, err := holdByLogind(why)
	if err == nil {
		return release, "logind", nil
	}
	release, other := holdBySaver(why)
	if other == nil {
		return release, "the session's screen saver", nil
	}
	return nil, "", errors.Join(err, other)
}

func holdByLogind(why string) (func(), error) {
	bus, err := dbus.ConnectSystemBus()
	if err != nil {
		return nil, fmt.Errorf("no system bus: %w", err)
	}
	defer bus.Close()
	var lock dbus.UnixFD
	if err := bus.Object(logind, logindPath).Call(logindFace+".Inhibit", 0, "sleep:idle", "Hoox Desktop", why, "block").Store(&lock); err != nil {
		return nil, fmt.Errorf("logind: %w", err)
	}
	// The lock lasts as long as its file is open, so also a killed program lets go of it.
	file := os.NewFile(uintptr(lock), "inhibit")
	return func() { _ = file.Close() }, nil
}

func holdBySaver(why string) (func(), error) {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return nil, fmt.Errorf("no session bus: %w", err)
	}
	var cookie uint32
	object := bus.Object(saver, saverPath)
	if err := object.Call(saver+".Inhibit", 0, "Hoox Desktop", why).Store(&cookie); err != nil {
		return nil, errors.Join(fmt.Errorf("screen saver: %w", err), bus.Close())
	}
	return func() {
		_ = object.Call(saver+".UnInhibit", 0, cookie).Err // closing the connection lets go of it too
		_ = bus.Close()
	}, nil
}

// followSleep tells what logind says of sleep until ctx ends. Where there is none, the clock alone tells.
func followSleep(ctx context.Context, log *slog.Logger, tell func(down bool)) {
	bus, err := dbus.ConnectSystemBus()
	if err != nil {
		log.Debug("no word of sleep from the system", "error", err)
		return
	}
	defer bus.Close()
	err = bus.AddMatchSignalContext(ctx, dbus.WithMatchSender(logind), dbus.WithMatchObjectPath(logindPath), dbus.WithMatchInterface(logindFace), dbus.WithMatchMember("PrepareForSleep"))
	if err != nil {
		log.Debug("no word of sleep from the system", "error", err)
		return
	}
	signals := make(chan *dbus.Signal, 8)
	bus.Signal(signals)
	for {
		select {
		case <-ctx.Done():
			return
		case s, open := <-signals:
			if !open {
				return
			}
			if down, ok := firstBool(s.Body); ok {
				tell(down)
			}
		}
	}
}

func firstBool(body []any) (value, ok bool) {
	if len(body) == 0 {
		return false, false
	}
	value, ok = body[0].(bool)
	return value, ok
}
