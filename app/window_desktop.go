//go:build desktop || dev || bindings

package app

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	glass "github.com/wailsapp/wails/v2/pkg/runtime"
)

const hasWindow = true

// openWindow opens the folder first: a locked or damaged one is told at the terminal, with its exit code, instead of in a
// window that can do nothing.
func openWindow(sh *shell, hidden bool) error {
	if generating {
		return showWindow(sh, &frame{house: &house{}, place: firstPlace()}, "Hoox")
	}
	config, err := sh.config()
	if err != nil {
		return err
	}
	// Nobody types at a terminal behind a window: it opens locked and is unlocked in it.
	config.StartLocked = true
	if config.Passphrase, err = sh.handover.Passphrase(); err != nil {
		return failedStart(err)
	}
	book := newLogbook(sh.stderr, config.Log.Level)
	i, err := openInstance(sh.ctx, config, sh.ui, book)
	if err != nil {
		return failedStart(err)
	}
	i.alarmAtDesktop()
	f := newFrame(i, book, hidden)
	// The engine runs beside the window from the start, so that a slow first paint delays no alert.
	go f.serve()
	err = showWindow(sh, f, "["+modeWord(i.house.overall())+"] Hoox")
	f.stop()
	return errors.Join(err, failedStart(f.err))
}

// frame holds the window and the engine together: the engine may end the window, and the window's end stops the engine.
// No other part of the program sees the window's runtime.
type frame struct {
	house    *house
	instance *instance
	book     *logbook
	// ended is closed when the engine has stopped, with err set.
	ended chan struct{}
	err   error

	closing closing
	tray    *tray
	// hidden is how the window starts: out of sight.
	hidden bool
	// paged is true once there is a page that can ask something, front while somebody looks at it, away while the window
	// is out of sight by our doing.
	paged, front, away atomic.Bool
	// services are those of the window.
	services *services

	telling sync.Mutex
	// notices is true once the system can be asked to show notifications.
	notices bool

	mu sync.Mutex
	// shown is the window's own context; calling its runtime with any other ends the process.
	shown   context.Context
	place   spot
	hints   chan struct{}
	unhints context.CancelFunc
}

func newFrame(i *instance, book *logbook, hidden bool) *frame {
	f := &frame{house: i.house, instance: i, book: book, ended: make(chan struct{}), hidden: hidden}
	f.services = newServices(f.house, windowActor())
	f.tray = newTray(f)
	f.away.Store(hidden)
	var err error
	if f.place, err = readPlace(i.node.Config.DataDir); err != nil {
		book.log.Warn("the window opens at its first place", "error", err)
	}
	return f
}

func (f *frame) serve() {
	defer close(f.ended)
	f.err = f.instance.run(func() {})
	f.closing.leave()
	f.run(glass.Quit)
}

// run does something with the window's runtime while there is a window.
func (f *frame) run(do func(context.Context)) {
	f.mu.Lock()
	shown := f.shown
	f.mu.Unlock()
	if shown != nil {
		do(shown)
	}
}

// startup connects the page: its hints, and what it says about itself.
func (f *frame) startup(ctx context.Context) {
	f.book.log.Info(windowOpened, "hidden", f.hidden)
	f.mu.Lock()
	f.shown = ctx
	f.listen(ctx)
	hints, unhints := context.WithCancel(f.instance.base)
	f.hints, f.unhints = make(chan struct{}), unhints
	f.mu.Unlock()
	go func() {
		defer close(f.hints)
		_ = forwardHints(hints, f.house.hub, f.house.now, func(h Hint) error {
			glass.EventsEmit(ctx, "hint", h)
			return nil
		})
	}()
	stayHome()
	f.settle(ctx)
	f.house.manners.wear(f)
	f.tray.start()
	select {
	case <-f.ended:
		glass.Quit(ctx)
	default:
	}
}

// listen hears what the page says.
func (f *frame) listen(ctx context.Context) {
	glass.EventsOn(ctx, "painted", func(...any) { f.book.log.Info(windowPainted) })
	glass.EventsOn(ctx, "page-error", func(data ...any) { f.book.log.Error("page error", "error", firstText(data)) })
	glass.EventsOn(ctx, "front", func(data ...any) {
		// A page out of sight is not painted, but it is there.
		f.paged.Store(true)
		f.front.Store(firstText(data) == "true")
	})
	glass.EventsOn(ctx, "theme", func(data ...any) { f.themed(firstText(data)) })
	glass.EventsOn(ctx, "quit", func(...any) { go f.wish(wishQuit) })
}

// shutdown lets go of the window before it is gone, then stops the engine.
func (f *frame) shutdown(ctx context.Context) {
	f.house.manners.wear(nil)
	f.tray.stop()
	glass.CleanupNotifications(ctx)
	f.mu.Lock()
	f.shown = nil
	hints, unhints := f.hints, f.unhints
	f.mu.Unlock()
	if unhints != nil {
		unhints()
		<-hints
	}
	f.stop()
}

func (f *frame) stop() {
	f.instance.stop()
	<-f.ended
}

func firstText(data []any) string {
	if len(data) == 0 {
		return ""
	}
	text, ok := data[0].(string)
	if !ok {
		return "the page said something that is no text"
	}
	return text
}

func showWindow(sh *shell, f *frame, title string) error {
	if _, set := os.LookupEnv("WEBKIT_DISABLE_DMABUF_RENDERER"); runtime.GOOS == "linux" && !set {
		// WebKitGTK's DMA-BUF renderer shows an empty window with NVIDIA and some Wayland set-ups.
		if err := os.Setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1"); err != nil {
			return err
		}
	}
	if f.services == nil {
		f.services = newServices(f.house, windowActor())
	}
	return wails.Run(&options.App{
		Title: title, Width: f.place.Width, Height: f.place.Height, MinWidth: leastWidth, MinHeight: leastHeight,
		BackgroundColour: options.NewRGB(f.place.background()),
		WindowStartState: f.startState(), StartHidden: f.hidden && f.tray.there(),
		AssetServer:    &assetserver.Options{Assets: sh.ui, Middleware: withPolicy},
		OnStartup:      f.startup,
		OnShutdown:     f.shutdown,
		OnBeforeClose:  f.beforeClose,
		Menu:           appMenu(f),
		Bind:           f.services.all(),
		ErrorFormatter: func(err error) any { return (&failure{faultOf(err, "")}).Error() },
		Logger:         pageLog{f}, LogLevel: logger.ERROR, LogLevelProduction: logger.ERROR,
		DragAndDrop: &options.DragAndDrop{DisableWebViewDrop: true},
		Linux:       &linux.Options{ProgramName: "hoox", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	})
}
