package app

import (
	"encoding/json"
	"runtime"
	"strings"
	"time"

	"hoox/backend/node"
)

// paintPatience is how long a window may take until it has painted something.
const paintPatience = 15 * time.Second

// The lines of the log by which a window tells how far it is.
const (
	windowOpened  = "window opened"
	windowPainted = "window painted"
)

// logLine is as much of a line of the log as tells of a window.
type logLine struct {
	Time time.Time
	Msg  string
	// Hidden tells that the window began out of sight, where nothing is painted.
	Hidden bool
}

// windowFindings are whether there can be a window, and whether the one that was opened last painted anything.
func windowFindings(sh *shell, dir string) []finding {
	list := []finding{windowFinding(sh)}
	if hasWindow {
		list = append(list, rendererFinding(runtime.GOOS, sh.env))
	}
	log, err := (&witness{config: node.Config{DataDir: dir}}).log()
	if err != nil {
		return append(list, finding{"painting", false, "the log cannot be read: " + err.Error(), "give its folder back to your user"})
	}
	if f, known := paintFinding(log, sh.now()); known {
		list = append(list, f)
	}
	return list
}

func windowFinding(sh *shell) finding {
	if !hasWindow {
		return finding{Name: "window", OK: true, Detail: "this program has none; `hoox serve` shows the same pages in a browser"}
	}
	if !hasDisplay(sh.env) {
		return finding{Name: "window", OK: true, Detail: "there is no display here; `hoox serve` shows the same pages in a browser"}
	}
	return finding{Name: "window", OK: true, Detail: "there is a display"}
}

// rendererFinding sees whether somebody switched on again what the program switches off, because it leaves windows empty.
func rendererFinding(system string, env func(string) string) finding {
	if system == "linux" && env("WEBKIT_DISABLE_DMABUF_RENDERER") == "0" {
		return finding{"renderer", false, "WEBKIT_DISABLE_DMABUF_RENDERER=0 switches a renderer on that shows an empty window with NVIDIA and some Wayland set-ups",
			"unset WEBKIT_DISABLE_DMABUF_RENDERER: the program sets it to 1 by itself"}
	}
	return finding{Name: "renderer", OK: true, Detail: "nothing is set that is known to leave windows empty"}
}

// paintFinding tells whether the window that was opened last has painted something; false when the log knows of none that was
// to be seen.
func paintFinding(log string, now time.Time) (finding, bool) {
	var opened logLine
	painted := false
	for line := range strings.Lines(log) {
		var said logLine
		switch {
		case json.Unmarshal([]byte(line), &said) != nil:
		case said.Msg == windowOpened:
			opened, painted = said, false
		case said.Msg == windowPainted:
			painted = true
		}
	}
	at := opened.Time.UTC().Format(time.DateTime) + " UTC"
	switch {
	case opened.Time.IsZero() || opened.Hidden && !painted:
		return finding{}, false
	case !painted && now.Sub(opened.Time) >= paintPatience:
		return finding{"painting", false, "the window that was opened at " + at + " stayed empty", emptyWindowFix(runtime.GOOS)}, true
	case !painted:
		return finding{Name: "painting", OK: true, Detail: "the window was opened a moment ago"}, true
	}
	return finding{Name: "painting", OK: true, Detail: "the window that was opened at " + at + " painted its page"}, true
}

func emptyWindowFix(system string) string {
	const browser = "; until it works, `hoox serve` shows the same pages in a browser"
	switch system {
	case "linux":
		return "start it as `WEBKIT_DISABLE_COMPOSITING_MODE=1 hoox`, or as `GDK_BACKEND=x11 hoox` under Wayland, and update WebKitGTK and the graphics driver" + browser
	case "windows":
		return "install or repair Microsoft Edge WebView2" + browser
	}
	return "update the system, whose WebKit the window uses" + browser
}
