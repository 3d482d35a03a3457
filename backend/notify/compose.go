package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// mostOfAKind is how many notices of one kind one look may make; more are folded into one message.
const mostOfAKind = 5

// notice is one thing that is told, before it is known to whom.
type notice struct {
	kind chat.NoticeKind
	// title is one line, html the whole of it.
	title, html string
	picture     []byte
	// alarm tells that it stands for an alarm as well: see toldAnyway.
	alarm bool
	// key makes the message that of this fact, for ever.
	key string
}

// compose makes the messages of some lines of the journal.
func (t *Teller) compose(ctx context.Context, lines []trading.Entry, people []chat.Person, set settings.Snapshot) ([]chat.Message, error) {
	var messages []chat.Message
	var notices []notice
	records := map[trading.SignalID]trading.SignalRecord{}
	record := func(id trading.SignalID) (trading.SignalRecord, error) {
		if r, ok := records[id]; ok {
			return r, nil
		}
		r, err := t.parts.Facts.Signal(ctx, id)
		if err == nil {
			records[id] = r
		}
		return r, err
	}
	for _, e := range lines {
		if e.SignalID == "" {
			if n, ok := stateNotice(e); ok {
				notices = append(notices, n)
			}
			continue
		}
		kind, ok := kindOf(e)
		asked := isFirst(e)
		if !asked && (!ok || level(set, kind) == chat.Off) {
			continue
		}
		r, err := record(e.SignalID)
		if trading.KindOf(err) == trading.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if asked && r.Notify != nil {
			messages = append(messages, t.theirs(r, set)...)
		}
		if ok && level(set, kind) != chat.Off && !outrun(kind, e, r) {
			notices = append(notices, t.notice(ctx, kind, e, r))
		}
	}
	for _, p := range people {
		messages = append(messages, t.addressed(p, notices, set)...)
	}
	return messages, nil
}

// level is how loud a kind is.
func level(set settings.Snapshot, kind chat.NoticeKind) chat.Level {
	return chat.Level(set.Text(settings.NotifyPrefix + string(kind)))
}

// isFirst tells whether a line is the first of its signal: what was decided about it.
func isFirst(e trading.Entry) bool {
	if e.OrderID != "" {
		return false
	}
	switch e.Stage {
	case "admitted", string(trading.SignalRefused), string(trading.SignalBlocked), string(trading.SignalNoOp), string(trading.SignalExpired):
		return true
	}
	return false
}

// kindOf is what kind of notice a line is; ok is false for none. What was decided about a signal is told once, by the line of the
// signal, so that of an order counts only when it came later.
func kindOf(e trading.Entry) (kind chat.NoticeKind, ok bool) {
	if e.OrderID == "" {
		switch e.Stage {
		case "admitted", string(trading.SignalNoOp):
			return chat.NoticeSignal, true
		case string(trading.SignalRefused), string(trading.SignalBlocked):
			return chat.NoticeRejected, true
		case string(trading.SignalExpired):
			return chat.NoticeExpired, true
		}
		return "", false
	}
	if strings.HasPrefix(e.Stage, "protect") {
		return chat.NoticeProtection, true
	}
	if e.From == "" || e.From == e.To {
		return "", false
	}
	switch e.To {
	case trading.OrderFilled:
		return chat.NoticeFill, true
	case trading.OrderPartiallyFilled:
		return chat.NoticePartial, true
	case trading.OrderRejected, trading.OrderDenied, trading.OrderBlocked, trading.OrderNotPlaced:
		return chat.NoticeRejected, true
	case trading.OrderExpired:
		return chat.NoticeExpired, true
	case trading.OrderUnknown, trading.OrderNeedsReview:
		return chat.NoticeUnknown, true
	case trading.OrderCreated, trading.OrderSubmitted, trading.OrderAccepted, trading.OrderCanceled:
	}
	return "", false
}

// stateNotice tells of the trading state, the one thing in the journal that belongs to no signal and is told here: drift has an
// alarm.
func stateNotice(e trading.Entry) (notice, bool) {
	word, ok := strings.CutPrefix(e.Stage, "trading ")
	if !ok {
		return notice{}, false
	}
	title := map[string]string{"halted": "⏹ Trading is HALTED", "reducing": "▲ Trading is PAUSED: closes only", "active": "● Trading is active"}[word]
	if title == "" {
		title = "Trading is " + word
	}
	return notice{kind: chat.NoticeKill, title: title, html: chat.Bold(title) + "\n" + chat.Escape(e.Detail), alarm: word == "halted", key: keyOf(e)}, true
}

// theirs is the message that an alert itself asked for. It goes only where somebody allowed it, when the alert came and still now.
func (t *Teller) theirs(r trading.SignalRecord, set settings.Snapshot) []chat.Message {
	if r.Notify.Withheld != "" {
		return nil
	}
	for _, id := range set.List("telegram:allowed_chat_ids") {
		if id != r.Notify.ChatID {
			continue
		}
		var room int64
		if _, err := fmt.Sscan(id, &room); err != nil {
			return nil
		}
		parts := chat.Split(chat.Escape(r.Notify.Message), chat.MaxText)
		list := make([]chat.Message, 0, len(parts))
		for i, part := range parts {
			list = append(list, chat.Message{Chat: room, HTML: part, Kind: "notify", Key: fmt.Sprintf("notify %s %d", r.ID, i)})
		}
		return list
	}
	t.parts.Log.Warn("an alert's notify names a chat that is not in telegram:allowed_chat_ids: not sent", "request", r.ID, "chat", r.Notify.ChatID)
	return nil
}

// addressed are the notices as messages to one person, many of a kind in one.
func (t *Teller) addressed(p chat.Person, notices []notice, set settings.Snapshot) []chat.Message {
	var messages []chat.Message
	byKind := map[chat.NoticeKind][]notice{}
	var kinds []chat.NoticeKind
	for _, n := range notices {
		if level(set, n.kind) == chat.Off {
			continue
		}
		if len(byKind[n.kind]) == 0 {
			kinds = append(kinds, n.kind)
		}
		byKind[n.kind] = append(byKind[n.kind], n)
	}
	quiet := Quiet(set.Text("telegram:quiet_hours"), t.parts.Now().In(t.parts.Zone))
	for _, kind := range kinds {
		list := byKind[kind]
		// Alarms sound in quiet hours too.
		alarms := slices.ContainsFunc(list, func(n notice) bool { return n.alarm })
		silent := func(alarm bool) bool { return quiet && !alarm || level(set, kind) == chat.Silent }
		if len(list) > mostOfAKind {
			lines := []string{chat.Bold(fmt.Sprintf("%d × %s", len(list), strings.ReplaceAll(string(kind), "_", " ")))}
			for _, n := range list {
				lines = append(lines, chat.Escape(n.title))
			}
			for i, part := range chat.Split(strings.Join(lines, "\n"), chat.MaxText) {
				messages = append(messages, chat.Message{Chat: p.Chat, HTML: part, Silent: silent(alarms), Kind: string(kind), Key: fmt.Sprintf("%s folded %d to %d", list[0].key, i, p.Chat)})
			}
			continue
		}
		for _, n := range list {
			m := chat.Message{Chat: p.Chat, HTML: n.html, Silent: silent(n.alarm), Kind: string(kind), Picture: n.picture, Key: fmt.Sprintf("%s to %d", n.key, p.Chat)}
			if len(m.Picture) > 0 && chat.Length(m.HTML) > chat.MaxCaption {
				m.Picture = nil // the words matter more
			}
			messages = append(messages, m)
		}
	}
	return messages
}
