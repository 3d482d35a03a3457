package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// guardCommands stop trading, tighten what bounds it, and say what is not for the phone.
func (b *bot) guardCommands() []botCommand {
	return []botCommand{
		{name: "kill_on", help: "HALT: no entries, resting ones are cancelled; at once", also: []string{"kill", "halt", "stop"}, needs: chat.Operator, halts: true, run: b.halt},
		{name: "kill_off", help: "how a halt is released", needs: chat.Viewer, run: b.released},
		{name: "pause", help: "no entries, closes go on; at once", also: []string{"stopentry", "stopbuy"}, needs: chat.Operator, halts: true, run: b.pause},
		{name: "resume", help: "end a pause", needs: chat.Owner, run: b.resume},
		{name: "leverage", usage: "[n]", help: "lower the highest leverage that entries may have", needs: chat.Owner, run: b.leverage},
		{name: "set", usage: "<key> <value>", help: "tighten a limit", needs: chat.Owner, run: b.set},
		{name: "notify", usage: "[kind] [on|silent|off]", help: "how loud each kind of notice is", needs: chat.Owner, run: b.notify},
		{name: "logs", usage: "[n]", help: "the last warnings of the log", needs: chat.Owner, run: b.logs},
		{name: "test", help: "whether this chat works", needs: chat.Viewer, run: b.test},
		{name: "report", help: "a report of the day", needs: chat.Viewer, run: b.notYet("Reports")},
		{name: "chart", help: "a chart of a symbol", needs: chat.Viewer, run: b.notYet("Charts on demand")},
		{name: "ask", help: "a question to the assistant", needs: chat.Viewer, run: b.notYet("The assistant")},
		{name: "search", help: "search your own history", needs: chat.Viewer, run: b.notYet("Search")},
	}
}

// notYet says plainly that a part is off.
func (b *bot) notYet(part string) func(*asking) (reply, error) {
	return func(*asking) (reply, error) {
		return no(chat.Escape(part) + ": off in this version. Nothing was asked or sent."), nil
	}
}

func (b *bot) halt(a *asking) (reply, error)  { return b.stricter(a, "halted") }
func (b *bot) pause(a *asking) (reply, error) { return b.stricter(a, "reducing") }

// stricter halts or pauses, without asking back. What is halted already stays so: a pause loosens nothing.
func (b *bot) stricter(a *asking, to string) (reply, error) {
	now, err := a.services.kill.Get(Empty{})
	if err == nil && now.State == "halted" && to != "halted" {
		return reply{html: chat.Bold(stateWords(now)) + "\nThat is stricter than a pause, and stays."}, nil
	}
	reason := a.command.Rest
	if reason == "" {
		reason = fmt.Sprintf("asked for by telegram %d", a.person.User)
	}
	state, err := a.services.kill.Set(SetKill{State: to, Reason: chat.Line(reason, longestReason)})
	if err != nil {
		return reply{}, err
	}
	lines := []string{chat.Bold(stateWords(state)), "since " + chat.Escape(b.clock(a, state.Since))}
	for _, e := range state.Exchanges {
		lines = append(lines, chat.Escape(fmt.Sprintf("%s: %d of %d cancels proven", e.Name, e.Confirmed, e.Cancelled)))
	}
	if to == "halted" {
		lines = append(lines, "What is held stays held: /flatten closes it. /kill_off says how this ends.")
	} else {
		lines = append(lines, "Closes go on. /resume ends it.")
	}
	return reply{html: strings.Join(lines, "\n")}, nil
}

// released tells how, and does nothing: whoever holds the phone must not be able to.
func (b *bot) released(a *asking) (reply, error) {
	state, err := a.services.kill.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	return looked(a, chat.Bold(stateWords(state))+"\nA halt is released at the desktop only: the window's strip, <b>Resume…</b>, after its checklist; or "+chat.Code("hoox kill off")+" there. A pause ends with /resume."), nil
}

func (b *bot) resume(a *asking) (reply, error) {
	state, err := a.services.kill.Get(Empty{})
	if err != nil {
		return reply{}, err
	}
	switch state.State {
	case "active":
		return reply{html: "Trading is active. There is nothing to resume."}, nil
	case "halted":
		return b.released(a)
	}
	summary := chat.Bold("Take entries again, "+modeWord(b.in.overall())) + "\n" + chat.Escape(fmt.Sprintf("Paused by %s since %s: %s", state.Actor, b.clock(a, state.Since), state.Reason))
	return b.confirm(a, chat.Owner, summary, "Resume "+modeWord(b.in.overall()), func(a *asking) (reply, error) {
		before, err := a.services.kill.Get(Empty{})
		if err != nil {
			return reply{}, err
		}
		if before.State != state.State || before.Since != state.Since || before.Reason != state.Reason || before.Actor != state.Actor {
			return changed(summary, chat.Escape(fmt.Sprintf("Now it is %s by %s since %s: %s.", before.State, before.Actor, b.clock(a, before.Since), before.Reason))), nil
		}
		now, err := a.services.kill.Set(SetKill{State: "active", Reason: fmt.Sprintf("resumed by telegram %d", a.person.User)})
		if err != nil {
			return reply{}, err
		}
		return reply{html: chat.Bold(stateWords(now))}, nil
	}), nil
}

func (b *bot) leverage(a *asking) (reply, error) {
	const key = "trade:max_leverage"
	if a.command.Arg(0) == "" {
		return reply{html: chat.Escape("Entries may have up to "+b.in.settings.Now().Text(key)+"x.") + " /leverage &lt;n&gt; lowers that."}, nil
	}
	if len(a.command.Args) > 1 {
		return reply{}, trading.FieldError("leverage", "want one number, such as /leverage 5: it is for every symbol")
	}
	return b.tighten(a, key, strings.TrimSuffix(strings.ToLower(a.command.Arg(0)), "x"))
}

func (b *bot) set(a *asking) (reply, error) {
	key, value := a.command.Arg(0), strings.TrimSpace(strings.TrimPrefix(a.command.Rest, a.command.Arg(0)))
	if key == "" || value == "" {
		return reply{}, trading.FieldError("key", "want a key and a value, such as /set trade:max_order_size 500; /settings trade lists them")
	}
	return b.tighten(a, key, value)
}

// tighten changes a limit towards less risk. Everything else is for the desktop: a phone can be stolen.
func (b *bot) tighten(a *asking, key, value string) (reply, error) {
	m, err := b.in.settings.Find(key)
	if err != nil {
		return reply{}, trading.Errorf(trading.NotFound, "there is no setting %q; /settings and a part of its name finds one", chat.Line(key, 40))
	}
	canonical, err := m.Canonical(value)
	if err != nil {
		return reply{}, err
	}
	now := b.in.settings.Now().Text(m.Key)
	if now == canonical {
		return reply{html: chat.Code(m.Key) + " is " + chat.Code(now) + " already."}, nil
	}
	if !m.Tightens(now, canonical) {
		return reply{}, trading.Errorf(trading.Refused, "%s is %s; by messenger it can only be made stricter, and %s is not: change it at the desktop", m.Key, now, canonical)
	}
	summary := chat.Code(m.Key) + "\n" + chat.Escape(now+" → "+canonical+" "+m.Unit)
	return b.confirm(a, chat.Owner, summary, "Set "+chat.Line(canonical, 20), func(a *asking) (reply, error) {
		// What it was may have changed since the question.
		if !m.Tightens(b.in.settings.Now().Text(m.Key), canonical) {
			return no(summary + "\nIt was changed meanwhile, and this would loosen it. <b>Nothing was done.</b>"), nil
		}
		row, err := a.services.settings.Set(SetSetting{Key: m.Key, Value: canonical})
		if err != nil {
			return reply{}, err
		}
		return reply{html: chat.Code(row.Key) + " is " + chat.Code(row.Value)}, nil
	}), nil
}

// loudness orders the levels.
var loudness = []string{string(chat.Off), string(chat.Silent), string(chat.On)}

// warns tells whether a kind of notice says that something is wrong, as alarms do: whoever holds a stolen phone must not be able to
// keep it from everybody else.
func warns(kind string) bool {
	switch chat.NoticeKind(kind) {
	case chat.NoticeDrift, chat.NoticeDeadLetter, chat.NoticeProtection, chat.NoticeUnknown, chat.NoticeTunnel, chat.NoticeKill, chat.NoticeDrawdown:
		return true
	}
	return false
}

func (b *bot) notify(a *asking) (reply, error) {
	kind, level := strings.ToLower(a.command.Arg(0)), strings.ToLower(a.command.Arg(1))
	if n := len(a.command.Args); n == 1 || n > 2 {
		return reply{}, trading.FieldError("notify", "want a kind and a level, such as /notify fill silent; /notify alone lists them")
	}
	if kind != "" {
		m, err := b.in.settings.Find(settings.NotifyPrefix + kind)
		if err != nil {
			return reply{}, trading.FieldError("kind", "there is no kind %q; /notify alone lists them", chat.Line(kind, 20))
		}
		now := b.in.settings.Now().Text(m.Key)
		if warns(kind) && slices.Contains(loudness, level) && slices.Index(loudness, level) < slices.Index(loudness, now) {
			return reply{}, trading.Errorf(trading.Refused, "%s warns of what is wrong, and is %s; by messenger it can only be made louder, and %s is not: change %s at the desktop", kind, now, level, m.Key)
		}
		if _, err := a.services.settings.Set(SetSetting{Key: m.Key, Value: level}); err != nil {
			return reply{}, err
		}
	}
	t := chat.NewSheet("kind", "level")
	for _, n := range chat.Notices() {
		t.Add(string(n.Kind), b.in.settings.Now().Text(settings.NotifyPrefix+string(n.Kind)))
	}
	return reply{html: chat.Bold("Notices") + "\n" + t.HTML() + "\nAlarms of a kind that stands here are as loud as it; all others always sound. /notify fill silent changes one. What warns is only made quieter at the desktop."}, nil
}

func (b *bot) logs(a *asking) (reply, error) {
	n, err := count(a, 8)
	if err != nil {
		return reply{}, err
	}
	text, err := b.in.manners.witness.log()
	if err != nil {
		return reply{}, err
	}
	var lines []string
	for _, line := range strings.Split(b.in.clean(text), "\n") {
		if strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`) {
			lines = append(lines, b.logged(a, line))
		}
	}
	if len(lines) == 0 {
		return reply{html: "No warning stands in the log."}, nil
	}
	return reply{html: strings.Join(lines[max(0, len(lines)-n):], "\n\n")}, nil
}

// logged is a line of the log as a person reads it: when by the clock of this computer, what, and the rest.
func (b *bot) logged(a *asking, line string) string {
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		return chat.Escape(chat.Line(line, 300))
	}
	words := fmt.Sprint(fields["msg"])
	head := b.clock(a, fmt.Sprint(fields["time"])) + " " + fmt.Sprint(fields["level"])
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "time" && name != "level" && name != "msg" {
			words += fmt.Sprintf(" %s=%v", name, fields[name])
		}
	}
	return chat.Bold(head) + " " + chat.Escape(chat.Line(words, 300))
}

func (b *bot) test(a *asking) (reply, error) {
	words := fmt.Sprintf("This chat works. You are <b>%s</b>", a.person.Role)
	if !a.update.At.IsZero() { // a press does not say when it was
		words += "; the message took " + chat.Escape(max(0, a.now.Sub(a.update.At)).Truncate(1e8).String()) + " to get here"
	}
	return looked(a, words+"."), nil
}
