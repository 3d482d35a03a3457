package tunnel

import (
	"errors"
	"reflect"
	"time"

	"hoox/backend/trading"
)

// Phase is how far a tunnel is.
type Phase string

// The phases.
const (
	// Off: there is nothing to run, or it was stopped.
	Off Phase = "off"
	// Starting: under way; nothing has come through yet.
	Starting Phase = "starting"
	// Up: the tunnel says that it is connected and, where it can be asked, an answer came back through the public address.
	Up Phase = "up"
	// Degraded: it runs, but alerts may not get through.
	Degraded Phase = "degraded"
	// Down: it does not run; it is started again at Next.
	Down Phase = "down"
)

// State is a tunnel at one moment.
type State struct {
	Kind  Kind
	Phase Phase
	// Public is the address for TradingView, without a path; "" while there is none.
	Public string
	// Local is where the outside must lead to, as it is written in the tunnel's own settings; "" for kinds that hand
	// connections over without an address.
	Local string
	// Since is when Phase began, Next when a tunnel that is down is started again.
	Since, Next time.Time
	// Restarts counts the starts after the first.
	Restarts int
	// Version is what the tunnel's program or server says of itself; Program and Hash are the file that runs.
	Version, Program, Hash string
	// Detail says what is the case, Fix what a person can do; Fix is "" when there is nothing to do.
	Detail, Fix string
	// Warnings are what is worth knowing although it runs.
	Warnings []string
	// Old is the address that TradingView was last set to, as long as it is another one than Public.
	Old string
	// Proved is when an answer last came back through the public address.
	Proved time.Time
	// HostKey is a server's key that waits for a person's word; nil when none does.
	HostKey *HostKey
}

// HostKey is the key of an ssh server that is not known, or not the one that is known.
type HostKey struct {
	Address, Type, Fingerprint string
	// Known is the fingerprint that was confirmed before; "" at the first meeting.
	Known string
	// line is the key as it is kept once it is confirmed.
	line string
}

// State is the tunnel as it stands.
func (r *Runner) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.clone()
}

func (s State) clone() State {
	s.Warnings = append([]string(nil), s.Warnings...)
	if s.HostKey != nil {
		key := *s.HostKey
		s.HostKey = &key
	}
	return s
}

// Changes returns a channel that gets a value after every change of the state, and its cancel. Changes that nobody has
// read yet count as one: read State.
func (r *Runner) Changes() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers[c] = struct{}{}
	return c, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.readers, c)
	}
}

// set edits the state and tells the readers when that changed anything.
func (r *Runner) set(edit func(s *State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.state.clone()
	edit(&r.state)
	if r.state.Phase != before.Phase {
		r.state.Since = r.parts.Now()
	}
	if reflect.DeepEqual(before, r.state.clone()) {
		return
	}
	if r.state.Phase != before.Phase || r.state.Public != before.Public {
		r.parts.Log.Info("tunnel", "kind", r.config.Kind, "phase", r.state.Phase, "public", r.state.Public, "detail", r.state.Detail)
	}
	for c := range r.readers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// fault is why a tunnel does not run, with what a person can do about it.
type fault struct {
	err error
	fix string
	// patient tells that trying again soon changes nothing, or does harm.
	patient bool
	// clean tells that a program ended without an error of its own.
	clean bool
	// key is the host key that is to be confirmed.
	key *HostKey
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// failed makes a fault that may pass by itself.
func failed(fix, format string, args ...any) error {
	return &fault{err: trading.Errorf(trading.Unavailable, format, args...), fix: fix}
}

// refused makes a fault that stays until a person does something.
func refused(kind trading.Kind, fix, format string, args ...any) error {
	return &fault{err: trading.Errorf(kind, format, args...), fix: fix, patient: true}
}

// faultOf is what an error says beyond its text.
func faultOf(err error) fault {
	var f *fault
	if errors.As(err, &f) {
		return *f
	}
	return fault{err: err}
}
