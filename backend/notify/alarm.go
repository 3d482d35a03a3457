package notify

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/alarm"
	"hoox/backend/chat"
)

// alarmKinds are the notices that some alarms are a kind of: how loud they are is set there. All others always sound.
var alarmKinds = map[alarm.Kind]chat.NoticeKind{
	alarm.Drift: chat.NoticeDrift, alarm.DeadLetter: chat.NoticeDeadLetter, alarm.Unprotected: chat.NoticeProtection,
	alarm.Reappeared: chat.NoticeUnknown, alarm.Address: chat.NoticeTunnel,
}

// toldAnyway are alarms of which the journal has a line, so that a notice tells of them, in quiet hours with a sound: twice would be noise.
var toldAnyway = map[alarm.Kind]bool{alarm.Halted: true, alarm.Review: true}

// AlarmChannel tells people of alarms by messenger. An alarm counts as told once it is in the outbox, which is on disk.
type AlarmChannel struct{ Teller *Teller }

// Name is "telegram".
func (AlarmChannel) Name() string { return "telegram" }

// Resting tells whether nobody is at the other end: Telegram is switched off, or nobody is paired.
func (c AlarmChannel) Resting() bool { return !c.Teller.heard.Load() }

// Ring posts an alarm to everybody who is paired.
func (c AlarmChannel) Ring(ctx context.Context, d alarm.Due) error {
	t := c.Teller
	set := t.parts.Settings.Now()
	people, err := t.parts.Roster.People(ctx)
	if err != nil || len(people) == 0 {
		return err
	}
	if toldAnyway[d.Kind] {
		return nil
	}
	loud := chat.On
	if kind, ok := alarmKinds[d.Kind]; ok {
		loud = level(set, kind)
	}
	if loud == chat.Off {
		return nil // whoever set it so does not want to be told here
	}
	title := "⚠ ALARM: " + strings.ReplaceAll(string(d.Kind), "_", " ")
	if d.Fresh > 1 {
		title += fmt.Sprintf(", %d times", d.Fresh)
	}
	text := chat.Bold(title) + "\n" + chat.Escape(t.parts.Clean(d.Text))
	if d.Fix != "" {
		text += "\nFix: " + chat.Escape(t.parts.Clean(d.Fix))
	}
	text += "\n/alerts lists what is open."
	var messages []chat.Message
	for _, p := range people {
		m := chat.Message{Chat: p.Chat, HTML: text, Kind: "alarm", Silent: loud == chat.Silent}
		// One that no ledger keeps is rung once and has no number. The number of any other comes again after a ledger was restored.
		if d.ID != 0 {
			m.Key = fmt.Sprintf("alarm %d of %d, %d to %d", d.ID, d.FirstAt.UnixMilli(), d.Count, p.Chat)
		}
		messages = append(messages, m)
	}
	if err := t.parts.Outbox.PostMessages(ctx, messages, t.parts.Now()); err != nil {
		return err
	}
	t.parts.Posted()
	return nil
}
