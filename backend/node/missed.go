package node

import (
	"context"
	"io"
	"strings"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/sqlite"
)

const (
	// clocksApart is how far TradingView's clock and ours may be apart.
	clocksApart = 2 * time.Minute
	// lastResend is how long after it fired an alert may still arrive: TradingView sends it four times at most.
	lastResend = time.Minute
)

// AlertLog is what became of the alerts in a log that TradingView exported.
type AlertLog struct {
	// From and To are the first and the last alert in the file, UTC; zero for a file without one.
	From, To time.Time
	// Lines counts all alerts, Ours those whose message is an alert for this program, Arrived those that came in.
	Lines, Ours, Arrived int
	// Missed are those of ours that never came in, or came in and were turned away at the door, oldest first.
	Missed []gateway.LoggedAlert
	// Others are those that are no alert for this program.
	Others []gateway.LoggedAlert
}

// CompareAlertLog reads a log that TradingView exported and finds the alerts that never arrived. It changes nothing. It
// fails with Invalid for a file that is no such log.
func (n *Node) CompareAlertLog(ctx context.Context, file io.Reader) (AlertLog, error) {
	lines, err := gateway.ReadAlertLog(file, *n.keyring.open.Load())
	if err != nil {
		return AlertLog{}, err
	}
	out := AlertLog{Lines: len(lines), Missed: []gateway.LoggedAlert{}, Others: []gateway.LoggedAlert{}}
	if len(lines) == 0 {
		return out, nil
	}
	out.From, out.To = lines[0].At, lines[len(lines)-1].At
	came, err := n.Store.Arrivals(ctx, out.From.Add(-clocksApart), out.To.Add(clocksApart+lastResend))
	if err != nil {
		return AlertLog{}, err
	}
	book, kept := newArrivals(came), n.textsFrom()
	for _, a := range lines {
		if a.NotOurs == "" && a.At.Before(kept) {
			a.NotOurs = "too long ago: the texts of alerts are kept for some days only, see " + textDays
		}
		switch {
		case a.NotOurs != "":
			out.Others = append(out.Others, a)
			continue
		case book.take(a):
			out.Arrived++
		default:
			out.Missed = append(out.Missed, a)
		}
		out.Ours++
	}
	return out, nil
}

// arrivals are alerts that came in, by what they say. Each stands for as many lines of a log as it was delivered.
type arrivals map[string][]sqlite.Arrival

func newArrivals(list []sqlite.Arrival) arrivals {
	book := arrivals{}
	for _, a := range list {
		said := sameText(a.Raw)
		book[said] = append(book[said], a)
	}
	return book
}

// take finds the alert of a line and uses up one of its deliveries.
func (book arrivals) take(a gateway.LoggedAlert) bool {
	list := book[sameText(a.Kept)]
	for i := range list {
		late := list[i].At.Sub(a.At)
		if list[i].Deliveries > 0 && late >= -clocksApart && late <= clocksApart+lastResend {
			list[i].Deliveries--
			return true
		}
	}
	return false
}

// sameText is a text without what a CSV file may change: the ends of lines, and blanks around it.
func sameText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}
