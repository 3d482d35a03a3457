package node

import (
	"context"
	"time"
)

// forgetEvery is how often the texts of alerts are looked through for old ones.
const forgetEvery = time.Hour

// textDays is the setting of how long the text of an alert is kept.
const textDays = "ledger:alert_text_days"

// texts is the service that forgets what alerts said, to the letter, once that is old: whatever else somebody wrote into a message.
// The fields that were read out of it, such as its comment, stay with what was decided and done.
type texts struct{ n *Node }

func (s texts) String() string { return "texts of alerts" }

// Serve forgets until ctx ends.
func (s texts) Serve(ctx context.Context) error {
	// Not at once: the exchanges that are asked about the clock are being connected.
	again := time.NewTimer(collectLook)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
		wait := collectLook
		if s.round(ctx) {
			wait = forgetEvery
		}
		again.Reset(wait)
	}
}

// textsFrom is the moment from which on the texts of alerts are kept.
func (n *Node) textsFrom() time.Time {
	return n.Now().Add(-time.Duration(n.Settings.Now().Int(textDays)) * 24 * time.Hour)
}

// round forgets what is old by a clock that is believed, and that an exchange confirms where one is connected: one that was set
// to next year, now or before the start, must not take everything along. It tells whether it could look.
func (s texts) round(ctx context.Context) bool {
	n := s.n
	if n.clock.doubt() != nil || !n.clockTold() && len(n.connected()) > 0 {
		return false
	}
	forgotten, err := n.Store.ForgetTexts(ctx, n.textsFrom())
	if err != nil && ctx.Err() == nil {
		n.Log.Warn("forget the texts of old alerts", "error", err)
	}
	if forgotten > 0 {
		n.Log.Info("forgot the texts of old alerts", "alerts", forgotten)
	}
	return err == nil
}
