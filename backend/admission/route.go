package admission

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"hoox/backend/settings"
	"hoox/backend/trading"
)

// exchange is where an alert goes: the one it names, the one before its symbol, the one that the routing setting gives its
// symbol, the cheapest when that is asked for, and else the paper account. The notes say why when it was chosen by cost.
func (d *Desk) exchange(ctx context.Context, s trading.Signal, set settings.Snapshot) (trading.Exchange, []trading.Check, error) {
	if s.Account != "" {
		return s.Account.Exchange(), nil, nil
	}
	if s.Exchange != "" {
		return s.Exchange, nil, nil
	}
	if e := prefixed(s.Symbol); e != "" {
		return e, nil, nil
	}
	if e, ok := route(set.Text("trade:routing"), s.Symbol); ok {
		return e, nil, nil
	}
	if set.Bool("routing:dynamic:enabled") {
		return d.cheapest(ctx, s, set)
	}
	return trading.Paper, nil, nil
}

// prefixed is the exchange of a TradingView ticker, "" when none stands before the symbol.
func prefixed(symbol string) trading.Exchange {
	name, _, found := strings.Cut(symbol, ":")
	if !found || strings.Contains(name, "/") {
		return ""
	}
	return trading.Exchange(strings.ToLower(strings.TrimSpace(name)))
}

// route is the exchange that the routing setting gives a symbol: its own row, or the "*" row.
func route(table, symbol string) (trading.Exchange, bool) {
	var rows map[string]string
	if err := json.Unmarshal([]byte(table), &rows); err != nil {
		return trading.Paper, true
	}
	written := map[string]string{}
	for key, e := range rows {
		written[strings.ToUpper(key)] = e
	}
	for _, key := range []string{strings.ToUpper(strings.TrimSpace(symbol)), "*"} {
		if e, ok := written[key]; ok {
			return trading.Exchange(strings.ToLower(e)), true
		}
	}
	return "", false
}

// offer is what an exchange would take for an alert.
type offer struct {
	account    trading.AccountID
	instrument trading.Instrument
	enabled    bool
	fee, half  trading.Ratio
}

func (o offer) cost() trading.Ratio { return o.fee.Add(o.half) }

func (o offer) words() string {
	return string(o.account.Exchange()) + ": fee " + percent(o.fee) + " + half spread " + percent(o.half) + " = " + percent(o.cost())
}

// percent is a share as percent with four places at most.
func percent(r trading.Ratio) string {
	text := r.Times(hundred).Fixed(4)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + " %"
}

// cheapest chooses the exchange for an alert that names none. Where the symbol is held, or an entry of it is open, the alert
// goes there: a close must find its position, and an entry must not open a second one elsewhere. Else the lowest taker fee
// and half spread among the enabled exchanges that take entries now and have a fresh price decides, ties by name. All of
// them must be in one mode: costs are no reason to choose between paper and real money. It fails with Refused in words.
func (d *Desk) cheapest(ctx context.Context, s trading.Signal, set settings.Snapshot) (trading.Exchange, []trading.Check, error) {
	offers, err := d.offers(s, set)
	if err != nil {
		return "", nil, err
	}
	holding, err := d.holding(ctx, s, offers)
	if err != nil {
		return "", nil, err
	}
	switch {
	case len(holding) == 1:
		return chosen(holding[0], string(holding[0].account.Exchange())+": "+holding[0].instrument.Symbol+" is held or on its way there")
	case len(holding) > 1:
		return "", nil, trading.Errorf(trading.Refused, "%s is held on %s: name the exchange in the alert", s.Symbol, names(holding))
	case s.Action.Closes() || s.ReduceOnly:
		return chosen(offers[0], string(offers[0].account.Exchange())+": "+s.Symbol+" is held nowhere")
	}
	offers = slices.DeleteFunc(offers, func(o offer) bool { return !o.enabled })
	if slices.ContainsFunc(offers, func(o offer) bool { return o.account.Mode() != offers[0].account.Mode() }) {
		return "", nil, trading.Errorf(trading.Refused, "routing:dynamic:enabled chooses among exchanges of one mode, and %s are not: name the exchange in the alert, or switch off those that it must not choose", names(offers))
	}
	wait, stop := context.WithTimeout(ctx, firstPrice)
	defer stop()
	for _, o := range offers {
		d.awaitPrice(wait, o.account, o.instrument.Key())
	}
	ready, why := d.priced(offers)
	if len(ready) == 0 {
		return "", nil, trading.Errorf(trading.Refused, "no exchange can take %s now: %s", s.Symbol, why)
	}
	slices.SortStableFunc(ready, func(a, b offer) int {
		if c := a.cost().Cmp(b.cost()); c != 0 {
			return c
		}
		return strings.Compare(string(a.account), string(b.account))
	})
	var words []string
	for _, o := range ready {
		words = append(words, o.words())
	}
	return chosen(ready[0], strings.Join(words, "; ")+why)
}

func chosen(o offer, why string) (trading.Exchange, []trading.Check, error) {
	e := o.account.Exchange()
	return e, []trading.Check{{Rule: "routed to " + string(e), Asked: "no exchange named", Allowed: why, OK: true}}, nil
}

func names(offers []offer) string {
	var list []string
	for _, o := range offers {
		list = append(list, string(o.account))
	}
	return strings.Join(list, ", ")
}

// offers are the real exchanges, or their stand-ins, that list the symbol, by name. The general paper account is no twin of
// any and is not among them.
func (d *Desk) offers(s trading.Signal, set settings.Snapshot) ([]offer, error) {
	var list []offer
	var first error
	for _, e := range []trading.Exchange{trading.Binance, trading.Bybit, trading.MEXC} {
		i, _, err := d.resolve(s, e, set)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		list = append(list, offer{account: d.account(s, e), instrument: i, enabled: set.Bool("exchange:" + string(e) + ":enabled"), fee: i.TakerFee})
	}
	if len(list) == 0 {
		return nil, first
	}
	return list, nil
}

// holding are the offers where a position of the instrument is held or an entry is open.
func (d *Desk) holding(ctx context.Context, s trading.Signal, offers []offer) ([]offer, error) {
	var list []offer
	for _, o := range offers {
		book, err := d.Store.Book(ctx, trading.Intake{Signal: s, Account: o.account, Instrument: o.instrument})
		if err != nil {
			return nil, err
		}
		key := o.instrument.Key()
		held := slices.ContainsFunc(book.Positions, func(p trading.Position) bool {
			return p.Product == key.Product && p.Symbol == key.Symbol && !p.Qty.IsZero()
		})
		coming := slices.ContainsFunc(book.Open, func(x trading.Order) bool {
			return x.Product == key.Product && x.Symbol == key.Symbol && !x.ReduceOnly
		})
		if held || coming {
			list = append(list, o)
		}
	}
	return list, nil
}

// priced are the offers that could take an entry now, with their half spread, and in words what is wrong with the others.
func (d *Desk) priced(offers []offer) ([]offer, string) {
	var list []offer
	out := ""
	for _, o := range offers {
		err := d.Ready(o.account, o.instrument.Key())
		q, fresh := d.quote(o.account, o.instrument.Key())
		switch {
		case err != nil:
			out += "; " + string(o.account.Exchange()) + ": " + err.Error()
		case !fresh || !q.Bid.IsPositive() || q.Ask.Less(q.Bid):
			out += "; " + string(o.account.Exchange()) + ": no fresh price"
		default:
			// (ask − bid) ÷ 2 over the middle is (ask − bid) ÷ (ask + bid).
			o.half = q.Ask.Sub(q.Bid).Part(q.Ask.Add(q.Bid))
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		out = strings.TrimPrefix(out, "; ")
		if out == "" {
			out = "none is switched on"
		}
	}
	return list, out
}
