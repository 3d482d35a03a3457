package app

import (
	"context"
	"encoding/json"
	"time"

	"hoox/backend/admission"
	"hoox/backend/audit"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// strategies are the stored ones.
type strategies interface {
	Strategies(ctx context.Context) ([]strategy.Record, error)
	Strategy(ctx context.Context, name string) (strategy.Record, error)
	PutStrategy(ctx context.Context, s strategy.Strategy, version int64, actor string, at time.Time) (int64, error)
	DeleteStrategy(ctx context.Context, name string, version int64, actor string, at time.Time) error
}

// Strategies say what happens to the alerts that carry their name.
type Strategies struct {
	in  *house
	who actor
}

// List is every strategy, by name.
func (s *Strategies) List(_ Empty) (StrategyList, error) {
	return answer(s.in, "list strategies", func(ctx context.Context) (StrategyList, error) {
		list, err := s.in.strategies.Strategies(ctx)
		return StrategyList{Items: each(list, strategyRow)}, err
	})
}

// Save stores a strategy. It fails with Invalid for what cannot be, naming the field, and with Conflict when somebody else
// changed it since it was read.
func (s *Strategies) Save(req SaveStrategy) (StrategyRow, error) {
	d := &deed{what: "store a strategy", action: audit.SaveStrategy, subject: req.Doc.Name}
	return act(s.in, s.who, d, func(ctx context.Context) (StrategyRow, error) {
		read, err := strategyOf(req.Doc)
		if err != nil {
			return StrategyRow{}, err
		}
		if _, err := s.in.strategies.PutStrategy(ctx, read, req.Version, s.who.name, s.in.now()); err != nil {
			return StrategyRow{}, err
		}
		stored, err := s.in.strategies.Strategy(ctx, read.Name)
		return strategyRow(stored), err
	})
}

// Delete ends a strategy: alerts that carry its name are refused no more and go where they say themselves. It fails with
// Conflict when somebody else changed it since it was read.
func (s *Strategies) Delete(req DeleteStrategy) (Receipt, error) {
	d := &deed{what: "delete a strategy", action: audit.DeleteStrategy, subject: req.Name}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.strategies.DeleteStrategy(ctx, req.Name, req.Version, s.who.name, s.in.now())
		return Receipt{Status: "ok", Reason: "its history is kept"}, err
	})
}

// Preview is what an alert would do now with a strategy as it is being edited. Nothing is stored or sent.
func (s *Strategies) Preview(req PreviewStrategy) (Preview, error) {
	return answer(s.in, "preview an alert", func(ctx context.Context) (Preview, error) {
		read, err := strategyOf(req.Doc)
		if err != nil {
			return Preview{}, err
		}
		p, err := s.in.preview(ctx, read, []byte(req.Alert))
		if err != nil {
			return Preview{}, err
		}
		return Preview{Items: each(p.Accounts, s.in.forecast)}, nil
	})
}

// strategyOf reads what was edited, strictly.
func strategyOf(d StrategyDoc) (strategy.Strategy, error) {
	routes := each(d.Routes, func(r StrategyRoute) map[string]any {
		m := map[string]any{"account": r.Account, "enabled": r.Enabled, "maxOrder": r.MaxOrder, "maxPosition": r.MaxPosition, "leverage": r.Leverage, "marginMode": r.MarginMode}
		switch r.SizeMode {
		case "":
		case "multiplier":
			m["multiplier"] = r.SizeValue
		default:
			m["size"] = map[string]any{"mode": r.SizeMode, "value": r.SizeValue}
		}
		return given(m)
	})
	targets, err := targetsOf(d.TakeProfit)
	if err != nil {
		return strategy.Strategy{}, err
	}
	text, err := json.Marshal(given(map[string]any{
		"name": d.Name, "enabled": d.Enabled, "routes": routes, "cancelPrevious": d.CancelPrevious, "dust": d.Dust, "paperTwin": d.PaperTwin,
		"stopLoss": d.StopLoss, "trailingStop": d.TrailingStop, "takeProfit": targets, "maxAge": d.MaxAgeSeconds, "expectMinutes": d.ExpectMinutes,
		"pyramiding": map[string]any{"mode": either(d.Pyramiding == "", "add", d.Pyramiding), "maxAdds": d.MaxAdds},
		"symbols": each(d.Symbols, func(m SymbolMapping) map[string]any {
			return given(map[string]any{"pattern": m.Pattern, "to": m.To, "account": m.Account})
		}),
	}))
	if err != nil {
		return strategy.Strategy{}, err
	}
	return strategy.Decode(text)
}

// given leaves out what was left empty: a strategy is written without what it does not say.
func given(m map[string]any) map[string]any {
	for name, value := range m {
		if value == "" {
			delete(m, name)
		}
	}
	return m
}

// targetsOf turns shares in percent into parts of one.
func targetsOf(list []StrategyTarget) ([]map[string]any, error) {
	out := make([]map[string]any, 0, len(list))
	for _, t := range list {
		m := map[string]any{"at": t.At}
		if t.Share != "" {
			share, err := trading.ParseRatio(t.Share)
			if err != nil {
				return nil, trading.FieldError("takeProfit.share", "%q is no number of percent", t.Share)
			}
			m["share"] = share.Over(trading.RatioUnits(100, 0)).String()
		}
		out = append(out, m)
	}
	return out, nil
}

func strategyRow(r strategy.Record) StrategyRow {
	s := r.Strategy
	doc := StrategyDoc{
		Name: s.Name, Enabled: s.Enabled, Pyramiding: string(s.Pyramiding.Mode), MaxAdds: s.Pyramiding.MaxAdds, CancelPrevious: s.CancelPrevious,
		Dust: s.Dust, StopLoss: levelText(s.StopLoss), TrailingStop: levelText(s.TrailingStop), MaxAgeSeconds: int(s.MaxAge / time.Second), ExpectMinutes: int(s.Expect / time.Minute), PaperTwin: s.PaperTwin,
		Symbols: each(s.Symbols, func(m strategy.Mapping) SymbolMapping {
			return SymbolMapping{Pattern: m.Pattern, To: m.To, Account: string(m.Account)}
		}),
		TakeProfit: each(s.TakeProfit, func(t trading.TakeProfit) StrategyTarget {
			share := ""
			if !t.Share.IsZero() {
				share = t.Share.Times(trading.RatioUnits(100, 0)).String()
			}
			return StrategyTarget{At: levelText(t.Level), Share: share}
		}),
		Routes: each(s.Routes, strategyRoute),
	}
	if doc.Pyramiding == "" {
		doc.Pyramiding = string(strategy.PyramidAdd)
	}
	return StrategyRow{Doc: doc, Version: r.Version, UpdatedAt: when(r.UpdatedAt), Actor: r.Actor}
}

func strategyRoute(r strategy.Route) StrategyRoute {
	out := StrategyRoute{
		Account: string(r.Account), Enabled: r.Enabled, SizeMode: string(r.Size.Mode), MaxOrder: known(r.MaxOrder),
		MaxPosition: known(r.MaxPosition), Leverage: r.Leverage, MarginMode: string(r.MarginMode),
	}
	switch {
	case !r.Multiplier.IsZero():
		out.SizeMode, out.SizeValue = "multiplier", r.Multiplier.String()
	case out.SizeMode != "":
		out.SizeValue = r.Size.Value.String()
	}
	return out
}

func levelText(l trading.Level) string {
	if !l.Percent.IsZero() {
		return l.Percent.String() + "%"
	}
	return known(l.Price)
}

// forecast is what an alert would do on one account.
func (h *house) forecast(f admission.Forecast) PreviewCourse {
	verdict := string(f.Status)
	if f.Status == trading.SignalExecuting {
		verdict = string(trading.SignalAccepted)
	}
	return PreviewCourse{
		Account: string(f.Account), Mode: string(f.Account.Mode()), Symbol: f.Instrument.Symbol, Product: string(f.Instrument.Product),
		Verdict: verdict, Reason: f.Reason, Warnings: append([]string{}, f.Warnings...),
		Legs: each(f.Legs, func(o trading.Order) PreviewLeg {
			return PreviewLeg{
				Side: string(o.Side), Type: string(o.Type), Quantity: o.Qty.String(), BaseAsset: f.Instrument.Base, Price: known(o.Price),
				ReduceOnly: o.ReduceOnly, Leverage: o.Leverage, Protection: protectionWords(o.Protection),
			}
		}),
		Checks: each(f.Checks, func(c trading.Check) PreviewCheck {
			detail := c.Asked
			if c.Allowed != "" {
				detail += ", allowed " + c.Allowed
			}
			return PreviewCheck{Rule: c.Rule, OK: c.OK, Detail: detail}
		}),
	}
}

func protectionWords(p trading.Protection) string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += ", "
		}
		text += s
	}
	if p.StopLoss.IsPositive() {
		add("stop " + p.StopLoss.String())
	}
	for _, t := range p.TakeProfit {
		add("target " + t.Price.String() + " for " + t.Qty.String())
	}
	if p.TrailingStop.IsPositive() {
		add("trailing by " + p.TrailingStop.String())
	}
	return text
}
