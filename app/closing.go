package app

import "sync"

// move is what the window does about a wish to close it or to quit.
type move string

// The moves. Asking shows the page's dialog, which names what stays at the exchanges.
const (
	doQuit     move = "quit"
	doHide     move = "hide"
	doMinimise move = "minimise"
	doAsk      move = "ask"
)

// wish is what somebody wants of the window.
type wish string

const (
	// wishClose is the cross of the window, wishQuit Ctrl+Q, a menu or the tray.
	wishClose wish = "close"
	wishQuit  wish = "quit"
)

// closing remembers that a question is open. A page that is dead answers none, so the second wish while one is open is
// taken for the answer: nobody is held in.
type closing struct {
	mu      sync.Mutex
	open    bool
	leaving bool
}

// facts are what a wish is judged by.
type facts struct {
	// onClose is the setting: ask, hide or quit.
	onClose string
	// tray is true when the window can be fetched back after it was hidden, page when there is a page that can ask.
	tray, page bool
	// stays is true when something is open that somebody should know about, also when that could not be read.
	stays bool
}

// judge says what to do now.
func (c *closing) judge(w wish, f facts) move {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving || c.open || !f.page {
		c.leaving = true
		return doQuit
	}
	if w == wishClose && f.onClose == "hide" {
		return hiding(f.tray)
	}
	if w == wishClose && f.onClose == "ask" || f.stays {
		c.open = true
		return doAsk
	}
	c.leaving = true
	return doQuit
}

// hiding is how a window goes out of sight without becoming unreachable.
func hiding(tray bool) move {
	if tray {
		return doHide
	}
	return doMinimise
}

// stay ends the question.
func (c *closing) stay() {
	c.mu.Lock()
	c.open = false
	c.mu.Unlock()
}

// leave makes every later wish end the program.
func (c *closing) leave() {
	c.mu.Lock()
	c.leaving = true
	c.mu.Unlock()
}

// left tells whether the program is ending.
func (c *closing) left() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}
