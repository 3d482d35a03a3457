//go:build desktop || dev || bindings

package app

import (
	"context"
	"runtime"

	"github.com/google/uuid"
	"github.com/wailsapp/wails/v2/pkg/menu"
	"github.com/wailsapp/wails/v2/pkg/menu/keys"
	"github.com/wailsapp/wails/v2/pkg/options"
	glass "github.com/wailsapp/wails/v2/pkg/runtime"

	"hoox/backend/trading"
)

// errNoWindow is told to who comes before the window is there, or after it went.
var errNoWindow = trading.Errorf(trading.Unavailable, "the window is not there")

// show brings the window to the front, wherever it is.
func (f *frame) show() {
	f.away.Store(false)
	f.run(func(ctx context.Context) {
		glass.WindowShow(ctx)
		glass.WindowUnminimise(ctx)
	})
}

// hiding is how the window can go out of sight and come back.
func (f *frame) hiding() string {
	if f.tray.there() {
		return "tray"
	}
	return "minimised"
}

func (f *frame) inFront() bool { return f.front.Load() }

// tell shows a notification of the system; the connection for it is made at the first one. A system that takes its time
// holds up other notifications and nothing else.
func (f *frame) tell(title, text string) error {
	f.telling.Lock()
	defer f.telling.Unlock()
	err := errNoWindow
	f.run(func(ctx context.Context) {
		if err = nil; !f.notices {
			err = glass.InitializeNotifications(ctx)
		}
		if err != nil {
			return
		}
		f.notices = true
		err = glass.SendNotification(ctx, glass.NotificationOptions{ID: uuid.NewString(), Title: title, Body: text})
	})
	return err
}

// answer ends the question that closing asked.
func (f *frame) answer(how string) {
	f.closing.stay()
	switch how {
	case "hide":
		go f.do(hiding(f.tray.there()))
	case "quit":
		go f.do(doQuit)
	}
}

// beforeClose is asked by the toolkit whenever the window is to go, on some systems by the thread that draws: it decides
// nothing there.
func (f *frame) beforeClose(ctx context.Context) (prevent bool) {
	if f.closing.left() {
		f.keepPlace(ctx)
		return false
	}
	go f.wish(wishClose)
	return true
}

// wish does what a wish to close or quit leads to.
func (f *frame) wish(w wish) {
	stays := true
	if lines, err := whatStays(f.instance.base, f.house.holdings); err == nil {
		stays = len(lines) > 0
	}
	f.do(f.closing.judge(w, facts{
		onClose: f.house.settings.Now().Text(closeKey), tray: f.tray.there(), page: f.paged.Load(), stays: stays,
	}), w)
}

// do carries out a move; the wish is told to the page that asks.
func (f *frame) do(d move, why ...wish) {
	switch d {
	case doQuit:
		f.closing.leave()
		f.run(glass.Quit)
	case doHide:
		f.vanish(glass.WindowHide)
	case doMinimise:
		f.vanish(glass.WindowMinimise)
	case doAsk:
		f.show()
		f.run(func(ctx context.Context) { glass.EventsEmit(ctx, "leave", string(why[0])) })
	}
}

// startState is how the window opens.
func (f *frame) startState() options.WindowStartState {
	switch {
	case f.hidden && !f.tray.there():
		return options.Minimised
	case f.place.Maximised:
		return options.Maximised
	}
	return options.Normal
}

// settle puts the window where it was, if it is seen there.
func (f *frame) settle(ctx context.Context) {
	list, err := glass.ScreenGetAll(ctx)
	if err != nil {
		f.book.log.Debug("ask for the screens", "error", err)
		return
	}
	screens := make([]screen, len(list))
	for i, s := range list {
		screens[i] = screen{s.Size.Width, s.Size.Height}
	}
	f.mu.Lock()
	was := f.place
	f.place = was.fit(screens)
	now := f.place
	f.mu.Unlock()
	if now.Maximised {
		return
	}
	if now.Width != was.Width || now.Height != was.Height {
		glass.WindowSetSize(ctx, now.Width, now.Height)
	}
	if now.Placed {
		glass.WindowSetPosition(ctx, now.X, now.Y)
	}
}

// measure notes where the window is, while it is anywhere: out of sight it has no place.
func (f *frame) measure(ctx context.Context) {
	if f.away.Load() || glass.WindowIsMinimised(ctx) {
		return
	}
	f.mu.Lock()
	p := f.place
	f.mu.Unlock()
	p.Maximised = glass.WindowIsMaximised(ctx)
	if !p.Maximised {
		p.Width, p.Height = glass.WindowGetSize(ctx)
		p.X, p.Y = glass.WindowGetPosition(ctx)
		p.Placed = true
	}
	f.mu.Lock()
	p.Theme = f.place.Theme
	f.place = p
	f.mu.Unlock()
}

// keepPlace remembers for the next start where the window is, or was before it went out of sight.
func (f *frame) keepPlace(ctx context.Context) {
	f.measure(ctx)
	f.mu.Lock()
	p := f.place
	f.mu.Unlock()
	if err := writePlace(f.instance.node.Config.DataDir, p); err != nil {
		f.book.log.Warn("keep the window's place", "error", err)
	}
}

// vanish takes the window out of sight in one of two ways.
func (f *frame) vanish(way func(context.Context)) {
	f.run(func(ctx context.Context) {
		f.measure(ctx)
		f.away.Store(true)
		f.front.Store(false)
		way(ctx)
	})
}

// themed remembers the theme that the page shows.
func (f *frame) themed(theme string) {
	if theme != "light" {
		theme = "dark"
	}
	f.mu.Lock()
	f.place.Theme = theme
	f.mu.Unlock()
}

// appMenu is the menu bar of macOS, without which copying and quitting by keys do not work there. Other systems have
// none: the page has the same keys.
func appMenu(f *frame) *menu.Menu {
	if runtime.GOOS != "darwin" {
		return nil
	}
	bar := menu.NewMenu()
	hoox := bar.AddSubmenu("Hoox")
	hoox.AddText("About Hoox", nil, func(*menu.CallbackData) { f.lead("about") })
	hoox.AddText("Settings…", keys.CmdOrCtrl(","), func(*menu.CallbackData) { f.lead("settings") })
	hoox.AddSeparator()
	hoox.AddText("Quit Hoox", keys.CmdOrCtrl("q"), func(*menu.CallbackData) { go f.wish(wishQuit) })
	bar.Append(menu.EditMenu())
	bar.Append(menu.WindowMenu())
	return bar
}

// lead has the page go somewhere.
func (f *frame) lead(page string) {
	f.show()
	f.run(func(ctx context.Context) { glass.EventsEmit(ctx, "go", page) })
}

// background is the colour of the page's ground in its theme.
func (p spot) background() (red, green, blue uint8) {
	if p.Theme == "light" {
		return 0xFF, 0xFF, 0xFF
	}
	return 0x0B, 0x0F, 0x14
}
