package app

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/audit"
	"hoox/backend/execution"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// Kill is the trading state.
type Kill struct {
	in  *house
	who actor
}

// longestReason bounds the words that are kept with a change, in bytes.
const longestReason = 500

// Get is the state in force, and how far the cancels of a halt are.
func (s *Kill) Get(_ Empty) (TradingState, error) {
	return answer(s.in, "read trading state", s.state)
}

// Set changes the state. Halting takes effect in memory before anything is written and never needs a reason; relaxing
// needs one. It fails with Invalid for an unknown state, and with Conflict while the ledger cannot be written.
func (s *Kill) Set(req SetKill) (TradingState, error) {
	d := &deed{what: "set trading state", action: audit.SetKill, subject: "trading", after: req.State, detail: req.Reason}
	return act(s.in, s.who, d, func(ctx context.Context) (TradingState, error) {
		next := risk.Standing{State: risk.State(strings.ToLower(req.State)), Reason: strings.TrimSpace(req.Reason), Actor: s.who.name, Since: s.in.now()}
		if !next.State.Known() {
			return TradingState{}, trading.FieldError("state", "%q is not one of active, reducing, halted", req.State)
		}
		now := s.in.kill.Standing().State
		d.before = string(now)
		relaxing := now != next.State && risk.Stricter(now, next.State) == now
		if len(next.Reason) > longestReason {
			if relaxing {
				return TradingState{}, trading.FieldError("reason", "is longer than %d bytes: say it shorter", longestReason)
			}
			// The length of its reason must not be why nothing stops.
			next.Reason = strings.ToValidUTF8(next.Reason[:longestReason-len("…")], "") + "…"
		}
		if relaxing && s.who.scope < canAll && !(s.who.resumes && now == risk.Reducing && next.State == risk.Active) {
			return TradingState{}, trading.Errorf(trading.Unauthorized, "a token may halt and pause; to go on takes a person at the desktop, or the command line")
		}
		if next.Reason == "" && relaxing {
			return TradingState{}, trading.FieldError("reason", "say why it is safe to go on")
		}
		if next.Reason == "" {
			next.Reason = "no reason given"
		}
		if err := s.in.kill.Set(ctx, next); err != nil {
			return TradingState{}, err
		}
		return s.state(ctx)
	})
}

func (s *Kill) state(ctx context.Context) (TradingState, error) {
	progress, err := s.in.kill.Progress(ctx)
	if err != nil {
		// The state itself is in memory; how far the cancels are must not hide it.
		s.in.log.Warn("count cancels of the halt", "error", err)
	}
	now := s.in.kill.Standing()
	return TradingState{
		State: string(now.State), Reason: now.Reason, Actor: now.Actor, Since: when(now.Since),
		Exchanges: each(progress, func(p execution.Progress) KillProgress {
			return KillProgress{Name: string(p.Exchange), Cancelled: p.Asked, Confirmed: p.Confirmed}
		}),
	}, nil
}

// Checklist is what a person reads before releasing the kill switch. A line that is not in order does not forbid it.
func (s *Kill) Checklist(_ Empty) (Checklist, error) {
	return answer(s.in, "read checklist", func(ctx context.Context) (Checklist, error) {
		now := s.in.kill.Standing()
		items := []ChecklistItem{{Name: "Why it was halted", OK: now.Reason != "", Detail: reasonOf(now)}}
		items = append(items, s.in.ledgerItem(ctx), s.cancels(ctx), s.doubts(ctx), s.held(ctx))
		items = append(items, s.parts(ctx)...)
		mode := s.in.overall()
		words := "no real money moves"
		if mode == trading.ModeLive {
			words = "orders use real money"
		}
		items = append(items, ChecklistItem{Name: "Mode", OK: true, Detail: modeWord(mode) + ": " + words})
		return Checklist{Items: items}, nil
	})
}

func reasonOf(now risk.Standing) string {
	if now.State == risk.Active {
		return "trading is active; nothing has to be released"
	}
	reason := now.Reason
	if reason == "" {
		reason = "no reason was given"
	}
	return fmt.Sprintf("%s, by %s since %s", reason, now.Actor, when(now.Since))
}

func (h *house) ledgerItem(ctx context.Context) ChecklistItem {
	item := ChecklistItem{Name: "Ledger answers and can be written", OK: true, Detail: "a read and a write came back"}
	if err := h.keeper.Ping(ctx); err != nil {
		item.OK, item.Detail = false, faultOf(err, "").Message
	}
	return item
}

func (s *Kill) cancels(ctx context.Context) ChecklistItem {
	item := ChecklistItem{Name: "Resting entries cancelled", OK: true, Detail: "none were resting"}
	progress, err := s.in.kill.Progress(ctx)
	if err != nil {
		return unreadable(item, err)
	}
	var words []string
	for _, p := range progress {
		words = append(words, fmt.Sprintf("%s %d of %d proven", p.Exchange, p.Confirmed, p.Asked))
		item.OK = item.OK && p.Confirmed == p.Asked
	}
	if len(words) > 0 {
		item.Detail = strings.Join(words, ", ")
	}
	return item
}

func (s *Kill) doubts(ctx context.Context) ChecklistItem {
	item := ChecklistItem{Name: "No order in doubt", OK: true, Detail: "every order's outcome is known"}
	orders, err := s.in.keeper.InDoubt(ctx)
	if err != nil {
		return unreadable(item, err)
	}
	if len(orders) > 0 {
		first := orders[0]
		item.OK = false
		item.Detail = fmt.Sprintf("%d with unknown outcome, the exchange is being asked; for example %s %s %s on %s", len(orders), first.Side, first.Qty, first.Symbol, first.Account)
	}
	return item
}

func (s *Kill) held(ctx context.Context) ChecklistItem {
	item := ChecklistItem{Name: "Open positions", OK: true, Detail: "none"}
	list, err := s.in.book.Positions(ctx)
	if err != nil {
		return unreadable(item, err)
	}
	var words []string
	for _, p := range list {
		words = append(words, fmt.Sprintf("%s %s %s on %s", p.Size(), p.Symbol, p.Direction(), p.Account))
	}
	if len(words) > 0 {
		item.Detail = strings.Join(words, ", ")
	}
	return item
}

func (s *Kill) parts(ctx context.Context) []ChecklistItem {
	var items []ChecklistItem
	for _, p := range s.in.pulse.Health(ctx) {
		if p.Name == "trading" {
			continue // it is halted: that is what the checklist is for
		}
		if p.State == "degraded" || p.State == "down" {
			detail := p.Detail
			if p.Fix != "" {
				detail += ". " + p.Fix
			}
			items = append(items, ChecklistItem{Name: "Part " + p.Name + " is " + p.State, Detail: detail})
		}
	}
	if len(items) == 0 {
		items = []ChecklistItem{{Name: "Every part is well", OK: true, Detail: "see Health"}}
	}
	return items
}

func unreadable(item ChecklistItem, err error) ChecklistItem {
	item.OK, item.Detail = false, "could not be read: "+faultOf(err, "").Message
	return item
}
