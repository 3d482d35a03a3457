package app

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

const (
	// heraldPage is how many of the newest rows are looked at for news.
	heraldPage = 100
	// notificationsKey is the setting that switches notices off.
	notificationsKey = "desktop:notifications"
)

// herald reads the ledger after every hint and has shown what a person who does not look should hear: fills, alerts that led
// to nothing, a halt that somebody asked for elsewhere. It tells nothing that was there before it began, and nothing that is
// an alarm: those come by the desktop's channel.
type herald struct {
	in       *house
	gatherer *gatherer
	// away tells that nobody looks at the window.
	away func() bool

	fill  trading.FillID
	told  map[trading.SignalID]bool
	state risk.State
	// read are the topics of which is known what was there before.
	read map[events.Topic]bool
}

// serve follows the ledger until ctx ends.
func (h *herald) serve(ctx context.Context) {
	hints := h.in.hub.Subscribe()
	defer hints.Close()
	h.read = map[events.Topic]bool{}
	h.look(ctx, events.Fills)
	h.look(ctx, events.Signals)
	h.look(ctx, events.Kill)
	for {
		select {
		case <-ctx.Done():
			return
		case hint := <-hints.C:
			h.look(ctx, hint.Topic)
		}
	}
}

// look finds what is new under a topic. The first look that succeeds only learns what was there before.
func (h *herald) look(ctx context.Context, topic events.Topic) {
	var news []notice
	var err error
	switch topic {
	case events.Fills:
		news, err = h.fills(ctx)
	case events.Signals:
		news, err = h.signals(ctx)
	case events.Kill:
		news = h.halt()
	case events.Orders, events.Positions, events.Health, events.Settings, events.Queue, events.Market, events.Audit, events.Alarms:
		return
	}
	if err != nil {
		if ctx.Err() == nil {
			h.in.log.Debug("look for what to tell", "topic", topic, "error", err)
		}
		return
	}
	known := h.read[topic]
	h.read[topic] = true
	if !known || !h.in.settings.Now().Bool(notificationsKey) || !h.away() {
		return
	}
	for _, n := range news {
		h.gatherer.take(n)
	}
}

// fills are the ones since the last look, oldest first.
func (h *herald) fills(ctx context.Context) ([]notice, error) {
	list, _, err := h.in.book.Fills(ctx, trading.Page{Limit: heraldPage})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var news []notice
	for _, f := range list {
		if f.ID == h.fill {
			break
		}
		verb := "Bought"
		if f.Side == trading.Sell {
			verb = "Sold"
		}
		text := fmt.Sprintf("%s %s %s at %s on %s", verb, f.Qty, f.Symbol, f.Price, f.Account.Exchange())
		news = append([]notice{{"fill", "[" + modeWord(f.Account.Mode()) + "] Filled", text}}, news...)
	}
	h.fill = list[0].ID
	return news, nil
}

// signals are those that have ended badly since the last look.
func (h *herald) signals(ctx context.Context) ([]notice, error) {
	list, _, err := h.in.book.Signals(ctx, trading.Page{Limit: heraldPage})
	if err != nil {
		return nil, err
	}
	var news []notice
	told := map[trading.SignalID]bool{}
	for _, s := range list {
		if !endedBadly(s.Status) {
			continue
		}
		told[s.ID] = true
		if h.told[s.ID] {
			continue
		}
		// The reason may quote the alert, and a notification stands on a locked screen: it is under Signals.
		text := fmt.Sprintf("%s %s on %s; why is under Signals", s.Action, s.Symbol, s.Account.Exchange())
		word := strings.ReplaceAll(string(s.Status), "_", " ")
		news = append([]notice{{"signal", "[" + modeWord(s.Account.Mode()) + "] Alert " + word, text}}, news...)
	}
	h.told = told
	return news, nil
}

func endedBadly(s trading.SignalStatus) bool {
	switch s {
	case trading.SignalRejected, trading.SignalRefused, trading.SignalBlocked, trading.SignalExpired, trading.SignalNotPlaced, trading.SignalNeedsReview:
		return true
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalFilled, trading.SignalPartial, trading.SignalNoOp:
		return false
	}
	return true
}

// halt is a change to halted by a person. One that nobody asked for is an alarm.
func (h *herald) halt() []notice {
	now := h.in.kill.Standing()
	before := h.state
	h.state = now.State
	if now.State != risk.Halted || before == risk.Halted || !isCaller(now.Actor) {
		return nil
	}
	return []notice{{"kill", "Trading is HALTED", "by " + now.Actor + ": " + now.Reason}}
}
