package tunnel

import (
	"context"
	"time"
)

// AlarmKind says what an alarm is about.
type AlarmKind string

// The alarms.
const (
	// AddressChanged: alerts still go to an address that is gone.
	AddressChanged AlarmKind = "address_changed"
	// TunnelDown: nothing has come through for longer than TradingView tries again.
	TunnelDown AlarmKind = "tunnel_down"
	// HostKeyChanged: the ssh server is not the one that was confirmed.
	HostKeyChanged AlarmKind = "host_key_changed"
)

// Alarm is what a person must know at once.
type Alarm struct {
	Kind AlarmKind
	// Text says what happened, Fix what to do.
	Text, Fix string
	// Old and New are the addresses of AddressChanged.
	Old, New string
	At       time.Time
}

// lookOut raises an alarm when the tunnel is away for too long, once each time.
func (r *Runner) lookOut(ctx context.Context) {
	changes, cancel := r.Changes()
	defer cancel()
	timer := time.NewTimer(r.pace.first)
	defer timer.Stop()
	running := true
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
			switch r.State().Phase {
			case Up, Off:
				timer.Stop()
				running = false
			case Starting, Degraded, Down:
				if !running {
					timer.Reset(r.pace.grace)
					running = true
				}
			}
		case <-timer.C:
			s := r.State()
			if s.Phase == Up || s.Phase == Off {
				running = false
				continue
			}
			// running stays true: one alarm until it has been up again.
			r.parts.Alarm(Alarm{Kind: TunnelDown, Text: "Alerts do not get through: the tunnel is " + string(s.Phase) + after(", ", s.Detail), Fix: s.Fix, At: r.parts.Now()})
		}
	}
}
