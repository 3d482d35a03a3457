package gateway

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
)

// The bounds of a log of alerts: TradingView's own ends after a few thousand lines.
const (
	maxLogLines = 100_000
	maxLogBytes = 64 << 20
)

// LoggedAlert is one line of the log of alerts that TradingView exports.
type LoggedAlert struct {
	// Line is where it stands in the file, 1 is the heading.
	Line int
	// At is when TradingView fired it, UTC.
	At           time.Time
	Name, Ticker string
	// Delivery is what TradingView says about the webhook, "" when the file has no such column.
	Delivery string
	// Kept is the message as an alert with it is kept on its signal: without keys. "" for a message that is no alert for us;
	// NotOurs says why.
	Kept    string
	NotOurs string
}

// columns are the headings by which the parts of a line are found, in small letters.
var columns = map[string][]string{
	"at": {"time", "date", "time (utc)"}, "message": {"description", "message"}, "name": {"name", "alert name"},
	"ticker": {"ticker", "symbol"}, "delivery": {"webhook status", "webhook", "delivery"},
}

// ReadAlertLog reads the CSV that TradingView's alert log exports, oldest line first. keys know the digests of the texts that must not be
// kept. It fails with Invalid, naming the line, for what it cannot read: a line that is skipped would look delivered.
func ReadAlertLog(file io.Reader, keys Keys) ([]LoggedAlert, error) {
	capped := &io.LimitedReader{R: file, N: maxLogBytes + 1}
	r := csv.NewReader(capped)
	r.FieldsPerRecord = 0 // every line has as many fields as the heading
	heading, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, trading.FieldError("file", "is empty: export the alert log in TradingView (Alerts, Log, the three dots, Download CSV)")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	place, err := findColumns(heading)
	if err != nil {
		return nil, err
	}
	var list []LoggedAlert
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		if capped.N <= 0 || len(list) >= maxLogLines {
			return nil, trading.FieldError("file", "is larger than %d lines or %d MB: export a shorter time", maxLogLines, maxLogBytes>>20)
		}
		line, _ := r.FieldPos(0)
		a, err := loggedAlert(line, fields, place, keys.knows)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b LoggedAlert) int { return a.At.Compare(b.At) })
	return list, nil
}

func unreadable(err error) error {
	return trading.FieldError("file", "cannot be read as CSV: %v: export it again and do not save it with a spreadsheet in between", err)
}

// findColumns finds the parts of a line by their headings; time and message are needed.
func findColumns(heading []string) (map[string]int, error) {
	place := map[string]int{}
	for i, h := range heading {
		h = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
		for part, names := range columns {
			if _, taken := place[part]; !taken && slices.Contains(names, h) {
				place[part] = i
			}
		}
	}
	for _, needed := range []struct{ part, word string }{{"at", "Time"}, {"message", "Description"}} {
		if _, ok := place[needed.part]; !ok {
			return nil, trading.FieldError("file", "has no column %q: it is the log of alerts that is wanted, not the list of trades", needed.word)
		}
	}
	return place, nil
}

func loggedAlert(line int, fields []string, place map[string]int, secret func(string) bool) (LoggedAlert, error) {
	of := func(part string) string {
		if i, ok := place[part]; ok {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	at, err := time.Parse(time.RFC3339, of("at"))
	if err != nil {
		return LoggedAlert{}, trading.FieldError("file", "line %d: the time %q is not like 2026-05-20T12:00:00Z", line, of("at"))
	}
	a := LoggedAlert{Line: line, At: at.UTC(), Name: of("name"), Ticker: of("ticker"), Delivery: of("delivery")}
	kept, err := keptText([]byte(of("message")), secret)
	if err != nil {
		a.NotOurs = err.Error()
		return a, nil
	}
	a.Kept = kept
	return a, nil
}

// keptText is a body as it is kept on its signal: exactly what was sent, without keys.
func keptText(body []byte, secret func(string) bool) (string, error) {
	root, err := parse(body)
	if err != nil {
		return "", err
	}
	a := alert{root: root}
	key := a.key()
	return root.cut(body, func(s string) string { return clean(s, key, secret) }), nil
}
