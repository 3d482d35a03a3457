package telegram

import (
	"time"
)

// Phase is how the bot is doing.
type Phase string

// The phases.
const (
	// Off: there is no token, or the runner was stopped.
	Off Phase = "off"
	// Starting: nothing has come back from Telegram yet.
	Starting Phase = "starting"
	// Polling: Telegram is asked for updates, and has answered.
	Polling Phase = "polling"
	// Hooked: Telegram posts updates to the gateway.
	Hooked Phase = "webhook"
	// Contested: another program uses the same bot.
	Contested Phase = "conflict"
	// Unrecognised: Telegram does not know the token.
	Unrecognised Phase = "unauthorized"
	// Down: Telegram cannot be reached, or what it brings cannot be kept; tried again at Next.
	Down Phase = "down"
)

// Mode is how updates are to come.
type Mode string

// The modes.
const (
	// Auto is by webhook while there is a public address that works, else by asking.
	Auto Mode = "auto"
	// Poll is by asking only, Webhook by webhook only.
	Poll    Mode = "poll"
	Webhook Mode = "webhook"
)

// State is the bot at one moment.
type State struct {
	Phase Phase
	// Since is when Phase began, Next when something that failed is tried again.
	Since, Next time.Time
	// Bot is the name of the bot without "@", "" until Telegram told it, and Number its number.
	Bot    string
	Number int64
	// Public is the address to which Telegram posts; "" when it does not.
	Public string
	// Heard is when Telegram last answered, and Latency how long it took to answer a plain call.
	Heard   time.Time
	Latency time.Duration
	// Detail says what is the case, Fix what a person can do; Fix is "" when there is nothing to do.
	Detail, Fix string
	// Waiting counts the messages that are to go out, Oldest is since when the oldest of them waits, and Stuck why the last one that
	// failed did, "" after one that went out.
	Waiting int
	Oldest  time.Time
	Stuck   string
}

// State is the bot as it stands.
func (r *Runner) State() State {
	r.mu.Lock()
	s := r.state
	r.mu.Unlock()
	s.Heard, s.Latency = r.parts.Client.Heard()
	s.Waiting, s.Oldest, s.Stuck = r.parts.Postman.backlog()
	return s
}

// set edits the state, and tells when that changed anything.
func (r *Runner) set(edit func(s *State)) {
	r.mu.Lock()
	before := r.state
	edit(&r.state)
	if r.state.Phase != before.Phase {
		r.state.Since = r.parts.Now()
	}
	after := r.state
	r.mu.Unlock()
	if after == before {
		return
	}
	if after.Phase != before.Phase {
		r.parts.Log.Info("telegram", "phase", after.Phase, "bot", after.Bot, "detail", after.Detail)
	}
	r.parts.Changed()
}
