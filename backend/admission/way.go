package admission

import (
	"context"
	"slices"
	"strings"

	"hoox/backend/settings"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// way is a signal on its way to one account: the intake, and what its strategy says there.
type way struct {
	in     trading.Intake
	follow strategy.Strategy
	course strategy.Course
	// notes say how the signal came to be what it is, before anything is planned.
	notes []trading.Check
	// refuse is why it ends at once, "" when it does not.
	refuse string
	// shut tells that the strategy is switched off: what closes goes, what opens is refused.
	shut bool
}

// family is one alert: its ways, the first of which is known by the alert's own key, and where else its key may be on
// record from before its strategy was changed.
type family struct {
	ways  []way
	other []trading.Intake
}

// read turns an alert into its ways, which are within what its credential may ask for. It fails with Unauthorized when one is
// not.
func (d *Desk) read(ctx context.Context, s trading.Signal, set settings.Snapshot) (family, error) {
	if err := bind(&s); err != nil {
		return family{}, err
	}
	f, err := d.find(ctx, s, set)
	if err == nil {
		err = within(f)
	}
	return f, err
}

// find finds the ways of an alert.
func (d *Desk) find(ctx context.Context, s trading.Signal, set settings.Snapshot) (family, error) {
	if s.Action == trading.ActNone {
		in := trading.Intake{Signal: s, Account: trading.MakeAccountID(trading.Paper, trading.ModePaper)}
		d.identify(&in, fingerprint(s, in), set)
		return family{ways: []way{{in: in}}}, nil
	}
	plan, known, err := d.strategy(ctx, &s)
	if err != nil {
		return family{}, err
	}
	if known {
		return d.follow(ctx, plan, s, set)
	}
	written := s
	in, notes, err := d.place(ctx, &s, set)
	if err != nil {
		return family{}, err
	}
	in.Signal = s
	mark := fingerprint(s, in)
	if len(notes) > 0 {
		mark = writtenFingerprint(written)
	}
	d.identify(&in, mark, set)
	return family{ways: []way{{in: in, notes: notes}}}, nil
}

// strategy is the stored strategy that a signal follows. One that names its account is there already.
func (d *Desk) strategy(ctx context.Context, s *trading.Signal) (strategy.Strategy, bool, error) {
	name := strings.TrimSpace(s.Strategy)
	if name == "" || s.Account != "" {
		return strategy.Strategy{}, false, nil
	}
	record, err := d.Store.Strategy(ctx, name)
	switch {
	case trading.KindOf(err) == trading.NotFound && name == s.Bounds.Strategy:
		return strategy.Strategy{}, false, outside("strategy", "the key is bound to strategy %q, and none of that name is stored", name)
	case trading.KindOf(err) == trading.NotFound:
		s.Warnings = append(s.Warnings, "there is no strategy "+name+" here: the alert went its own way; make one of that name to give it accounts and rules")
		return strategy.Strategy{}, false, nil
	case err != nil:
		return strategy.Strategy{}, false, err
	}
	return record.Strategy, true, nil
}

// follow takes an alert where its strategy says. What cannot be placed on one account does not hold up the others: it is
// written down as refused there, after the others, because the first answers the door. When nothing can be placed the alert
// names something that does not exist.
//
// A strategy that is switched off keeps its routes: what it holds must still be closed by its alerts.
func (d *Desk) follow(ctx context.Context, plan strategy.Strategy, s trading.Signal, set settings.Snapshot) (family, error) {
	routed := plan
	routed.Enabled = true
	courses, err := strategy.Apply(routed, s)
	if err != nil {
		return d.standOff(ctx, plan, s, err, set), nil
	}
	var placed, lost []way
	var why error
	taken := map[trading.AccountID]bool{}
	last := trading.Exchange("")
	for _, c := range courses {
		if c.Twin && c.Account == "" {
			if last == "" {
				continue
			}
			c.Signal.Account = trading.MakeAccountID(last, trading.ModePaper)
			c.Signal.Exchange = last
		}
		if c.Signal.Account != "" {
			// A test leaves real money alone, and two accounts may then be one.
			c.Signal.Account = d.account(c.Signal, c.Signal.Account.Exchange())
		}
		w, err := d.course(ctx, plan, c, set)
		if err != nil {
			if why == nil {
				why = err
			}
			w.refuse = err.Error()
		}
		if taken[w.in.Account] {
			continue
		}
		taken[w.in.Account] = true
		last = w.in.Account.Exchange()
		if err == nil {
			placed = append(placed, w)
		} else if w.in.Account != "" {
			lost = append(lost, w)
		}
	}
	switch {
	case len(placed) == 0 && !plan.Enabled && opens(s):
		return d.standOff(ctx, plan, s, switchedOff(plan), set), nil
	case len(placed) == 0:
		return family{}, why
	}
	return d.name(plan, append(placed, lost...), s, set), nil
}

// course places an alert on one account. With an error the way still tells whose it would have been.
func (d *Desk) course(ctx context.Context, plan strategy.Strategy, c strategy.Course, set settings.Snapshot) (way, error) {
	s := c.Signal
	w := way{follow: plan, course: c, notes: c.Notes, shut: !plan.Enabled}
	if w.shut {
		// What would be replaced stays: nothing comes in its place.
		w.follow.Pyramiding, w.follow.CancelPrevious = strategy.Pyramiding{}, false
	}
	in, notes, err := d.place(ctx, &s, set)
	if err == nil {
		err = keepsProduct(c, in.Instrument, set)
	}
	if err != nil {
		w.in = trading.Intake{Signal: s, Account: s.Account}
		return w, err
	}
	if in.Instrument.Product == trading.Spot {
		s.Leverage, s.MarginMode = c.AskedLeverage, c.AskedMarginMode
	}
	in.Signal = s
	w.in, w.notes = in, append(notes, c.Notes...)
	return w, nil
}

// keepsProduct refuses a mapped symbol that turned out to be spot where the alert meant a perpetual, or the other way
// round, without anybody having written so.
func keepsProduct(c strategy.Course, i trading.Instrument, set settings.Snapshot) error {
	if c.KeepsProductOf == "" {
		return nil
	}
	meant := strategy.ProductOf(c.KeepsProductOf, trading.Product(set.Text("exchange:"+string(i.Exchange)+":product")))
	if i.Exchange == trading.MEXC && strings.Contains(c.KeepsProductOf, "_") {
		meant = trading.Linear // MEXC writes only its perpetuals so
	}
	if meant == i.Product {
		return nil
	}
	return trading.FieldError("symbol", "the strategy turns %s (%s) into %s (%s): write the product out in the mapping, as %s:… for spot or ….P for the perpetual, if that is meant",
		c.KeepsProductOf, meant, c.Signal.Symbol, i.Product, strings.ToUpper(string(i.Exchange)))
}

// standOff writes an alert down whose strategy takes none now, under the key that it would have had.
func (d *Desk) standOff(ctx context.Context, plan strategy.Strategy, s trading.Signal, why error, set settings.Snapshot) family {
	w := way{refuse: why.Error()}
	placed := s
	if len(plan.Routes) > 0 {
		placed.Account = plan.Routes[0].Account
		placed.Account = d.account(placed, placed.Account.Exchange())
		placed.Exchange = placed.Account.Exchange()
	}
	in, notes, err := d.place(ctx, &placed, set)
	if err != nil {
		in = trading.Intake{Account: placed.Account}
	}
	if in.Account == "" {
		in.Account = d.account(placed, trading.Paper)
	}
	in.Signal = placed
	w.in, w.notes = in, notes
	return d.name(plan, []way{w}, s, set)
}

// name gives the signals of one alert their keys. The first has the alert's own, in the scope that an alert without a
// strategy has; each further one is a child with a scope that names its account.
func (d *Desk) name(plan strategy.Strategy, ways []way, s trading.Signal, set settings.Snapshot) family {
	mark := writtenFingerprint(s)
	for n := range ways {
		in := &ways[n].in
		in.Strategy = plan.Name
		in.Signal.Strategy = plan.Name
		d.identify(in, mark, set)
		if n > 0 {
			in.Signal.ID, in.Signal.Parent = trading.NewSignalID(), ways[0].in.Signal.ID
			in.Signal.Notify, in.Signal.Raw = nil, ""
			asChild(in)
		}
	}
	return family{ways: ways, other: d.otherNames(plan, ways)}
}

func asChild(in *trading.Intake) {
	in.Scope = string(in.Signal.Source) + "|" + in.Signal.Credential + "|" + string(in.Account)
	if in.Key != "" {
		in.Key += "|" + string(in.Account)
	}
}

// otherNames are the keys under which the alert may have been admitted before its strategy was changed: as the first of
// another mode, or as a child of any of its accounts. Without them a redelivery would trade a second time.
func (d *Desk) otherNames(plan strategy.Strategy, ways []way) []trading.Intake {
	var accounts []trading.AccountID
	for _, w := range ways {
		accounts = append(accounts, w.in.Account)
	}
	for _, r := range plan.Routes {
		asked := ways[0].in.Signal
		asked.Account = r.Account
		accounts = append(accounts, d.account(asked, r.Account.Exchange()))
		if plan.PaperTwin {
			accounts = append(accounts, trading.MakeAccountID(r.Account.Exchange(), trading.ModePaper))
		}
	}
	var names []trading.Intake
	known := []string{ways[0].in.Scope}
	add := func(in trading.Intake) {
		if !slices.Contains(known, in.Scope) {
			known = append(known, in.Scope)
			names = append(names, in)
		}
	}
	for _, account := range accounts {
		in := ways[0].in
		in.Account, in.Scope = account, scope(in.Signal, account)
		add(in)
		asChild(&in)
		add(in)
	}
	return names
}

// seen looks for the alert under every name it may have.
func (d *Desk) seen(ctx context.Context, f family) (trading.Receipt, bool, error) {
	for _, in := range append([]trading.Intake{f.ways[0].in}, f.other...) {
		r, seen, err := d.Store.Seen(ctx, in)
		if err != nil || !seen {
			if err != nil {
				return r, false, err
			}
			continue
		}
		if r.Parent != "" {
			r.Signal = r.Parent
		}
		return r, true, nil
	}
	return trading.Receipt{}, false, nil
}
