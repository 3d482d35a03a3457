//go:build desktop || dev || bindings

package app

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"

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
func openWindow(sh *shell) error {
	if generating {
		return showWindow(sh, &frame{house: &house{}}, "Hoox")
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
	f := &frame{house: i.house, instance: i, book: book, ended: make(chan struct{})}
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

	mu sync.Mutex
	// shown is the window's own context; calling its runtime with any other ends the process.
	shown   context.Context
	hints   chan struct{}
	unhints context.CancelFunc
}

func (f *frame) serve() {
	defer close(f.ended)
	f.err = f.instance.run(func() {})
	f.quit()
}

// quit closes the window when the engine ends by itself or by a signal.
func (f *frame) quit() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shown != nil {
		glass.Quit(f.shown)
	}
}

// startup connects the page: its hints, and what it says about itself.
func (f *frame) startup(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown = ctx
	glass.EventsOn(ctx, "painted", func(...any) { f.book.log.Info("window painted") })
	glass.EventsOn(ctx, "page-error", func(data ...any) { f.book.log.Error("page error", "error", firstText(data)) })
	hints, unhints := context.WithCancel(f.instance.base)
	f.hints, f.unhints = make(chan struct{}), unhints
	go func() {
		defer close(f.hints)
		_ = forwardHints(hints, f.house.hub, f.house.now, func(h Hint) error {
			glass.EventsEmit(ctx, "hint", h)
			return nil
		})
	}()
	select {
	case <-f.ended:
		glass.Quit(ctx)
	default:
	}
}

// shutdown lets go of the window before it is gone, then stops the engine.
func (f *frame) shutdown(context.Context) {
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
	services := newServices(f.house, windowActor())
	return wails.Run(&options.App{
		Title: title, Width: 1280, Height: 832, MinWidth: 1024, MinHeight: 640,
		BackgroundColour: options.NewRGB(0x0B, 0x0F, 0x14),
		AssetServer:      &assetserver.Options{Assets: sh.ui, Middleware: withPolicy},
		OnStartup:        f.startup,
		OnShutdown:       f.shutdown,
		Bind:             services.all(),
		ErrorFormatter:   func(err error) any { return (&failure{faultOf(err, "")}).Error() },
		Logger:           pageLog{f}, LogLevel: logger.ERROR, LogLevelProduction: logger.ERROR,
		DragAndDrop: &options.DragAndDrop{DisableWebViewDrop: true},
		Linux:       &linux.Options{ProgramName: "hoox", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	})
}

// pageLog is where the window's own messages go. The page reports its errors this way too.
type pageLog struct{ f *frame }

func (l pageLog) Print(message string)   { l.note(message) }
func (l pageLog) Trace(message string)   { l.note(message) }
func (l pageLog) Debug(message string)   { l.note(message) }
func (l pageLog) Info(message string)    { l.note(message) }
func (l pageLog) Warning(message string) { l.note(message) }

func (l pageLog) Error(message string) {
	if l.f.book == nil {
		return
	}
	if text, ok := strings.CutPrefix(message, "page: "); ok {
		l.f.book.log.Error("page error", "error", text)
		return
	}
	l.f.book.log.Warn("window", "message", message)
}

func (l pageLog) Fatal(message string) { l.Error(message) }

func (l pageLog) note(message string) {
	if l.f.book != nil {
		l.f.book.log.Debug("window", "message", message)
	}
}
