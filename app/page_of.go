package app

import (
	"fmt"
	"strings"
	"time"

	"hoox/backend/trading"
)

const (
	defaultPage = 50
	largestPage = 500
)

// pageOf reads a page request. statuses are the words its status filter may have, nil for any.
func pageOf(req PageRequest, statuses map[string]bool) (trading.Page, error) {
	f := req.Filter
	page := trading.Page{
		Limit: req.Limit, Cursor: req.Cursor, Exchange: trading.Exchange(strings.ToLower(f.Exchange)),
		Symbol: strings.ToUpper(strings.TrimSpace(f.Symbol)), Status: f.Status, Side: trading.Side(strings.ToLower(f.Side)),
		SignalID: trading.SignalID(f.RequestID), OpenOnly: f.OpenOnly,
	}
	var err error
	if page.Limit, err = limitOf(req.Limit); err != nil {
		return page, err
	}
	switch {
	case page.Exchange != "" && !page.Exchange.Known():
		return page, trading.FieldError("filter.exchange", "%q is not one of bybit, binance, mexc, paper", f.Exchange)
	case page.Side != "" && page.Side != trading.Buy && page.Side != trading.Sell:
		return page, trading.FieldError("filter.side", "%q is not buy or sell", f.Side)
	case page.Status != "" && statuses != nil && !statuses[page.Status]:
		return page, trading.FieldError("filter.status", "there is no status %q", f.Status)
	}
	return page, nil
}

// limitOf is how many rows a page has; 0 asks for the usual number.
func limitOf(asked int) (int, error) {
	if asked == 0 {
		return defaultPage, nil
	}
	if asked < 1 || asked > largestPage {
		return 0, trading.FieldError("limit", "%d is not allowed; allowed is 1 to %d", asked, largestPage)
	}
	return asked, nil
}

// plural is a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// statusWords is a list of statuses as a set of words.
func statusWords[S ~string](list []S) map[string]bool {
	words := make(map[string]bool, len(list))
	for _, s := range list {
		words[string(s)] = true
	}
	return words
}

// each converts a list; the answer is never nil, because nil crosses the glass as null.
func each[In, Out any](list []In, convert func(In) Out) []Out {
	out := make([]Out, 0, len(list))
	for _, v := range list {
		out = append(out, convert(v))
	}
	return out
}

// filled is a list that is never nil.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// when is a time as text, "" when it is not known.
func when(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// known is a number as text, "" when it is zero and zero means not given.
func known[U any](n trading.Num[U]) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}

// shown is a number as text with at most so many fractional digits; exact when it has fewer.
func shown[U any](n trading.Num[U], places int) string {
	if n.Places() <= places {
		return n.String()
	}
	short, err := trading.ParseNum[U](n.Fixed(int32(places)))
	if err != nil {
		return n.String()
	}
	return short.String()
}
