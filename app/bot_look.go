package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// lookCommands show what is.
func (b *bot) lookCommands() []botCommand {
	return []botCommand{
		{name: "status", help: "is all well: mode, state, money today, what is open", needs: chat.Viewer, run: b.status},
		{name: "health", help: "every part, and the fix of what is not green", needs: chat.Viewer, run: b.health},
		{name: "latest", help: "what became of the newest alert", needs: chat.Viewer, run: b.latest},
		{name: "signals", usage: "[n]", help: "the newest alerts with their verdicts", needs: chat.Viewer, run: b.signals},
		{name: "trades", usage: "[n]", help: "the newest fills", also: []string{"fills"}, needs: chat.Viewer, run: b.trades},
		{name: "trace", usage: "<request>", help: "the story of one alert", also: []string{"why"}, needs: chat.Viewer, run: b.trace},
		{name: "positions", help: "what is held", needs: chat.Viewer, run: b.positions},
		{name: "position", usage: "<symbol>", help: "one position in full", needs: chat.Viewer, run: b.position},
		{name: "orders", help: "what rests or is on its way", needs: chat.Viewer, run: b.orders},
		{name: "queue", help: "work that waits, and work that was given up", needs: chat.Viewer, run: b.queue},
		{name: "exchanges", help: "accounts, their mode and how they are", needs: chat.Viewer, run: b.exchanges},
		{name: "tunnel", help: "whether TradingView can reach this computer", needs: chat.Viewer, run: b.tunnel},
		{name: "alerts", help: "what alarmed and was not acknowledged", needs: chat.Viewer, run: b.alarms},
		{name: "settings", usage: "[word]", help: "what is set, other than it came", also: []string{"show_config"}, needs: chat.Operator, run: b.settings},
		{name: "version", help: "which Hoox this is", needs: chat.Viewer, run: b.version},
	}
}

// count reads how many rows are wanted: 1 to 20.
func count(a *asking, usual int) (int, error) {
	if a.command.Arg(0) == "" {
		return usual, nil
	}
	n, err := trading.ParseRatio(a.command.Arg(0))
	for want := 1; err == nil && want <= 20; want++ {
		if n.String() == fmt.Sprint(want) {
			return want, nil
		}
	}
	return 0, trading.FieldError("n", "%q is not a number from 1 to 20", a.command.Arg(0))
}

// clock is a time as the computer of the program has it: of today without its date.
func (b *bot) clock(a *asking, at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return "–"
	}
	t, now := t.In(b.zone), a.now.In(b.zone)
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return t.Format("02 Jan 15:04")
}

// looked is a reply that can be repeated in place.
func looked(a *asking, html string) reply {
	r := reply{html: html}
	if row := refresh(a); row != nil {
		r.buttons = [][]chat.Button{row}
	}
	return r
}

// stateWords are the trading state by shape and word.
func stateWords(s TradingState) string {
	switch s.State {
	case "active":
		return "● Active"
	case "reducing":
		return "▲ PAUSED: closes only"
	}
	return "⏹ HALTED"
}

func (b *bot) status(a *asking) (reply, error) {
	state, err := a.services.kill.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	health, err := a.services.health.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	lines := []string{chat.Bold(strings.ToUpper(health.Mode) + "  " + stateWords(state))}
	if state.State != "active" {
		lines = append(lines, chat.Escape(fmt.Sprintf("by %s since %s: %s", state.Actor, b.clock(a, state.Since), state.Reason)))
	}
	money, err := a.services.analytics.Overview(GetOverview{})
	if err != nil {
		return reply{}, err
	}
	lines = append(lines, chat.Escape(fmt.Sprintf("Today %s %s (%s %%), %d fills, %d alerts, %d refused",
		b.hidden(a, signed(places(money.TodayPnl, 2))), money.Currency, cmp.Or(money.TodayPercent, "–"), money.TodayFills, money.TodaySignals, money.TodayRefused)))
	lines = append(lines, chat.Escape("Equity "+b.hidden(a, places(money.Equity, 2))+" "+money.Currency))
	open, err := a.services.positions.List(PageRequest{})
	if err != nil {
		return reply{}, err
	}
	lines = append(lines, fmt.Sprintf("%d open positions, queue %d", len(open.Items), health.QueueDepth))
	last := "no alert came yet"
	if health.LastAlertAt != "" {
		last = "last alert " + b.clock(a, health.LastAlertAt)
	}
	lines = append(lines, last)
	if sick := sickParts(health); len(sick) > 0 {
		lines = append(lines, "Not green: "+chat.Escape(strings.Join(sick, ", "))+" – /health")
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func sickParts(h HealthReport) (names []string) {
	for _, p := range h.Items {
		if p.State == "degraded" || p.State == "down" {
			names = append(names, p.Name)
		}
	}
	return names
}

func (b *bot) health(a *asking) (reply, error) {
	h, err := a.services.health.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	marks := map[string]string{"ok": "●", "degraded": "▲", "down": "■", "off": "○"}
	lines := []string{chat.Bold("Health")}
	for _, p := range h.Items {
		line := marks[p.State] + " " + chat.Escape(p.Name) + " " + p.State
		if p.State == "degraded" || p.State == "down" {
			line += ": " + chat.Escape(p.Detail)
			if p.Fix != "" {
				line += "\n   Fix: " + chat.Escape(p.Fix)
			}
		}
		lines = append(lines, line)
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) exchanges(a *asking) (reply, error) {
	list, err := a.services.accounts.List(Empty{})
	if err != nil {
		return reply{}, err
	}
	t := chat.NewSheet("account", "alerts", "state")
	for _, c := range list.Items {
		if c.Connected || c.Trades {
			t.Add(c.Account, either(c.Trades, "go here", "–"), c.Health.State)
		}
	}
	return looked(a, chat.Bold("Accounts")+"\n"+t.HTML()), nil
}

func (b *bot) tunnel(a *asking) (reply, error) {
	s, err := a.services.tunnel.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	lines := []string{chat.Bold("Tunnel " + s.Kind + ": " + s.Phase)}
	if s.ProvedAt != "" {
		lines = append(lines, "an answer came back at "+chat.Escape(b.clock(a, s.ProvedAt)))
	}
	if s.Old != "" {
		lines = append(lines, "TradingView still points at the old address.")
	}
	for _, words := range []string{s.Detail, s.NotLive} {
		if words != "" {
			lines = append(lines, chat.Escape(words))
		}
	}
	if s.Fix != "" {
		lines = append(lines, "Fix: "+chat.Escape(s.Fix))
	}
	// The address stays off the phone: with a key it is all that is needed to send alerts.
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) alarms(a *asking) (reply, error) {
	page, err := a.services.alarms.List(ListAlarms{Limit: 20, OpenOnly: true})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "No alarm is open."), nil
	}
	lines := []string{chat.Bold(fmt.Sprintf("%d open alarms", len(page.Items)))}
	for _, one := range page.Items {
		line := "■ " + chat.Escape(fmt.Sprintf("%s, %d times since %s: %s", one.Kind, one.Count, b.clock(a, one.FirstAt), one.Text))
		if one.Fix != "" {
			line += "\n   Fix: " + chat.Escape(one.Fix)
		}
		lines = append(lines, line)
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) settings(a *asking) (reply, error) {
	list, err := a.services.settings.List(ListSettings{})
	if err != nil {
		return reply{}, err
	}
	word := strings.ToLower(a.command.Rest)
	rows := slices.DeleteFunc(list.Items, func(s SettingRow) bool {
		if word == "" {
			return s.Value == s.Default
		}
		return !strings.Contains(strings.ToLower(s.Key), word)
	})
	if len(rows) == 0 {
		return looked(a, either(word == "", "Everything is as it came. ", "No setting has that in its name. ")+"/settings &lt;word&gt; finds one."), nil
	}
	var lines []string
	for _, s := range rows {
		lines = append(lines, chat.Code(s.Key)+" "+chat.Escape(chat.Line(s.Value, 60)+" "+s.Unit))
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) version(a *asking) (reply, error) {
	return looked(a, chat.Bold("Hoox "+b.in.version)+"\n"+chat.Escape("market: "+b.in.market)), nil
}
