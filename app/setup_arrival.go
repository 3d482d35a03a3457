package app

import (
	"context"
	"net/netip"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// The ways in which an alert comes.
const (
	wayHere    = "here"
	wayOutside = "outside"
)

// astraySpan is how long it is told that something came which became no alert.
const astraySpan = time.Hour

// arrival is the newest alert, and through which way it came as long as its key was not used since.
func (f *progress) arrival() SetupArrival {
	if len(f.alerts) == 0 {
		return SetupArrival{}
	}
	newest := f.alerts[0]
	a := SetupArrival{RequestID: string(newest.ID), At: when(newest.ReceivedAt), Fix: mendOf(newest.Status)}
	for _, k := range f.keys {
		if k.ID == newest.Credential && sameMoment(k.SeenAt, newest.ReceivedAt) {
			a.Way, a.From = wayOf(k.SeenFrom), k.SeenFrom
		}
	}
	return a
}

// sameMoment compares two times as the ledger keeps them.
func sameMoment(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }

// wayOf tells this computer from the outside. Only a tunnel hands on requests without an address.
func wayOf(from string) string {
	if addr, err := netip.ParseAddr(from); err == nil && addr.IsLoopback() {
		return wayHere
	}
	return wayOutside
}

// mendOf is what to do about an alert that led to no trade, "" when it did or is on its way.
func mendOf(s trading.SignalStatus) string {
	switch s {
	case trading.SignalRefused:
		return "change the alert, or the limit that it met under Settings, and send another"
	case trading.SignalBlocked:
		return "resume trading in the strip on top or with `hoox kill off`, and send another: this one is never traded"
	case trading.SignalExpired:
		return "see whether Health calls the clock or the queue troubled, and send another: this one was too old when its turn came"
	case trading.SignalRejected:
		return "mend what the exchange says, test the account under Accounts, and send another"
	case trading.SignalNotPlaced:
		return "see which part Health calls troubled, mend it, and send another: nothing reached the exchange"
	case trading.SignalNeedsReview:
		return "look at the exchange before you act, then say under Orders how it ended: the order may be there"
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalFilled, trading.SignalPartial, trading.SignalNoOp:
	}
	return ""
}

// astray is what came to the gateway after the newest alert and became none: people who set up their first alert see nothing
// else of it.
func (h *house) astray(ctx context.Context, f *progress) (SetupAstray, error) {
	since := h.now().Add(-astraySpan)
	if len(f.alerts) > 0 && f.alerts[0].ReceivedAt.After(since) {
		since = f.alerts[0].ReceivedAt
	}
	var out SetupAstray
	for _, k := range f.keys {
		if k.SeenAt.After(since) && !sameMoment(k.SeenAt, since) {
			since = k.SeenAt
			out = SetupAstray{
				At: when(k.SeenAt), Words: "an alert with a right key came" + fromWords(k.SeenFrom) + " and led to no new signal: its message was not understood, it was a repeat, or too many came",
				Fix: "copy the message again and send it as it is; TradingView's alert log shows what it was answered",
			}
		}
	}
	lines, _, err := h.auditor.AuditLines(ctx, audit.Page{Limit: 1, Action: audit.RefuseAlert, From: since})
	if err != nil || len(lines) == 0 || !lines[0].At.After(since) {
		return out, err
	}
	fix := "copy the message again with its key in it, as Copy with key gives it: " + keyMask + " only stands for the key"
	if lines[0].Subject != "wrong key" {
		fix = "the address list is on and does not have that address: see webhook:tradingview:allowed_ips under Settings"
	}
	return SetupAstray{At: when(lines[0].At), Words: "an alert was turned away: " + lines[0].Subject + ", " + lines[0].Detail, Fix: fix}, nil
}

func fromWords(from string) string {
	if from == "" {
		return ""
	}
	return " from " + from
}
