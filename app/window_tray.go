//go:build (desktop || dev) && !bindings && (linux || windows)

package app

import (
	"context"
	"runtime"
	"sync"
	"time"

	"fyne.io/systray"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// trayPause is how often it is looked whether a tray came, and whether what it shows is still so.
const trayPause = 10 * time.Second

// trayPatience is how long the end of the program waits for the icon to go.
const trayPatience = 2 * time.Second

// tray is the icon beside the clock: it shows the state, halts, and brings the window back. Where the desktop has no place
// for one there is none, and everything goes on without it.
type tray struct {
	f    *frame
	kill *Kill

	stopping context.CancelFunc
	work     sync.WaitGroup

	show, state, halt, pause, quit *systray.MenuItem
	shown                          trayLook
}

// trayActor is who acts by the icon.
func trayActor() actor { return actor{name: "tray", source: trading.FromWindow, scope: canTrade} }

func newTray(f *frame) *tray {
	return &tray{f: f, kill: newServices(f.house, trayActor()).kill}
}

// there tells whether the desktop shows trays now.
func (t *tray) there() bool { return trayHost() }

// start shows the icon as soon as there is a place for it.
func (t *tray) start() {
	ctx, stop := context.WithCancel(t.f.instance.base)
	t.stopping = stop
	t.work.Go(func() { t.serve(ctx) })
}

func (t *tray) stop() {
	if t.stopping == nil {
		return
	}
	t.stopping()
	t.work.Wait()
}

// serve waits for a tray, shows the icon and keeps it current until ctx ends.
func (t *tray) serve(ctx context.Context) {
	tick := time.NewTicker(trayPause)
	defer tick.Stop()
	for !t.there() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
	hints := t.f.house.hub.Subscribe()
	defer hints.Close()
	ready, over := make(chan struct{}), make(chan struct{})
	go func() {
		// Windows sends the messages of an icon to the thread that made it.
		runtime.LockOSThread()
		defer close(over)
		systray.Run(func() { t.build(); close(ready) }, func() {})
	}()
	defer func() {
		systray.Quit()
		select {
		case <-over:
		case <-time.After(trayPatience): // a system that does not let go must not keep the program
		}
	}()
	select {
	case <-ready:
	case <-ctx.Done():
		return
	}
	t.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case h := <-hints.C:
			if h.Topic == events.Market {
				continue // prices change nothing that the icon shows
			}
		case <-t.show.ClickedCh:
			t.f.show()
		case <-t.halt.ClickedCh:
			t.press(risk.Halted)
		case <-t.pause.ClickedCh:
			t.press(risk.Reducing)
		case <-t.quit.ClickedCh:
			t.f.wish(wishQuit)
		}
		t.look(ctx)
	}
}

// build makes the menu. Halting comes first after the state: it is what somebody in a hurry looks for.
func (t *tray) build() {
	systray.SetTitle("Hoox Desktop")
	t.state = systray.AddMenuItem("Starting", "Mode and trading state")
	t.state.Disable()
	systray.AddSeparator()
	t.halt = systray.AddMenuItem("Halt trading now", "Refuse entries and cancel those that rest; closes still go")
	t.pause = systray.AddMenuItem("Pause entries", "Refuse entries; closes still go, resting orders stay")
	systray.AddSeparator()
	t.show = systray.AddMenuItem("Show window", "Bring the window to the front")
	t.quit = systray.AddMenuItem("Quit Hoox…", "End the program, after saying what stays at the exchanges")
}

// look shows what is so now.
func (t *tray) look(ctx context.Context) {
	open := ""
	if lines, err := whatStays(ctx, t.f.house.holdings); err == nil {
		open = inShort(lines)
	}
	now := lookOf(t.f.house.overall(), t.f.house.kill.Standing().State, open)
	if now == t.shown {
		return
	}
	if now.face != t.shown.face {
		icon := now.face.png()
		if runtime.GOOS == "windows" {
			icon = now.face.ico()
		}
		systray.SetIcon(icon)
	}
	systray.SetTooltip(now.tip)
	t.state.SetTitle(now.line)
	able(t.halt, now.halt)
	able(t.pause, now.pause)
	t.shown = now
}

func able(item *systray.MenuItem, yes bool) {
	if yes {
		item.Enable()
		return
	}
	item.Disable()
}

// press tightens the trading state; the icon and the page show what came of it, and a failure is told besides.
func (t *tray) press(state risk.State) {
	if _, err := t.kill.Set(SetKill{State: string(state), Reason: "from the tray"}); err != nil {
		t.f.book.log.Error("the tray could not change the trading state", "state", state, "error", err)
		if err := t.f.house.manners.Notify("Trading was NOT changed", "Open the window and press HALT: "+faultOf(err, "").Message); err != nil {
			t.f.book.log.Warn("tell that the tray failed", "error", err)
		}
		t.f.show()
	}
}
