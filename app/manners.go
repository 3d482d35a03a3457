package app

import (
	"context"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"hoox/backend/node"
	"hoox/backend/trading"
)

// face is the window, as far as the rest of the program may ask something of it.
type face interface {
	// show brings the window to the front, wherever it is.
	show()
	// answer ends the question that closing asked: hide, quit or stay.
	answer(how string)
	// hiding is how the window can go out of sight: tray or minimised.
	hiding() string
	// inFront tells whether somebody looks at it.
	inFront() bool
	// tell shows a notification of the system.
	tell(title, text string) error
}

// manners are how the program behaves on the computer that it runs on: whether it may sleep, what it is told of while
// nobody looks, whether it starts with the session, whether there is a newer version. None of it is needed to trade.
type manners struct {
	in       *house
	clean    func(string) string
	awake    *awake
	gatherer *gatherer
	herald   *herald
	auto     autostart
	update   *updates
	// sleeps is told what the system says of sleep.
	sleeps func(down bool)
	// witness collects what a support bundle says of this installation.
	witness *witness

	mu   sync.Mutex
	face face
}

func newManners(h *house, clean func(string) string, auto autostart, u *updates, sleeps func(bool)) *manners {
	m := &manners{in: h, clean: clean, awake: &awake{in: h, hold: holdAwake}, auto: auto, update: u, sleeps: sleeps}
	m.gatherer = newGatherer(m.Notify, h.log)
	m.herald = &herald{in: h, gatherer: m.gatherer, away: m.away}
	return m
}

// serve looks after all of it until ctx ends. Nothing of it can fail in a way that ends the program.
func (m *manners) serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range []func(context.Context){
		m.awake.serve, m.gatherer.serve, m.herald.serve, m.update.serve,
		func(ctx context.Context) { followSleep(ctx, m.in.log, m.sleeps) },
	} {
		group.Go(func() error {
			part(ctx)
			return nil
		})
	}
	return group.Wait()
}

// wear gives the program a window, nil takes it away.
func (m *manners) wear(f face) {
	m.mu.Lock()
	m.face = f
	m.mu.Unlock()
}

// window is the window, or an error with what to do where there is none.
func (m *manners) window() (face, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.face == nil {
		return nil, trading.Errorf(trading.Refused, "this program runs without a window: stop it where it was started, and open its pages with `hoox browser`")
	}
	return m.face, nil
}

// away tells that there is a window at which nobody looks.
func (m *manners) away() bool {
	w, err := m.window()
	return err == nil && !w.inFront()
}

// Notify shows a notification of the system, without secrets and shortened to what a system shows. It fails with Refused
// where there is no window, and with Unavailable where the system shows none.
func (m *manners) Notify(title, text string) error {
	w, err := m.window()
	if err != nil {
		return err
	}
	if err := w.tell(shorten(m.clean(title), longestNotice), shorten(m.clean(text), longestNotice)); err != nil {
		return trading.Wrap(trading.Unavailable, err, "show a notification")
	}
	return nil
}

// shorten cuts a text between two characters.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// parts are what Health says of all this.
func (m *manners) parts() []PartHealth {
	return []PartHealth{m.awake.health(), m.update.health(), userHealth(os.Geteuid(), when(m.in.now()))}
}

// userHealth warns of rights that nothing here needs: a fault would have them too.
func userHealth(user int, at string) PartHealth {
	p := PartHealth{Name: "user", State: node.StateOK, Detail: "no special rights", CheckedAt: at}
	if user == 0 {
		p.Detail, p.Fix = "runs as root, which it does not need", "run it as a user of your own"
	}
	return p
}
