package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/settings"
)

// Quiet tells whether a time of the day is within a span such as "22:30-07:00", which may go over midnight. The end is not in it.
func Quiet(span string, at time.Time) bool {
	from, to, ok := strings.Cut(span, "-")
	if !ok {
		return false
	}
	now := at.Format("15:04")
	if from < to {
		return from <= now && now < to
	}
	return now >= from || now < to
}

// digestMark is the last day of which a digest was sent, as a number such as 20260520.
const digestMark = "digest"

// digest posts the summary of the day once its time has come. A program that was off at that time sends it at its next start of
// that day.
func (t *Teller) digest(ctx context.Context, people []chat.Person, set settings.Snapshot) error {
	at := set.Text("telegram:digest")
	now := t.parts.Now().In(t.parts.Zone)
	if at == "" || t.parts.Summary == nil || len(people) == 0 || now.Format("15:04") < at {
		return nil
	}
	var today int64
	if _, err := fmt.Sscan(now.Format("20060102"), &today); err != nil {
		return err
	}
	sent, err := t.parts.Outbox.NoticeMark(ctx, digestMark)
	// A later day is that of a clock which was ahead.
	if err != nil || sent == today {
		return err
	}
	text, err := t.parts.Summary(ctx)
	if err != nil {
		return err
	}
	var messages []chat.Message
	for _, p := range people {
		for i, part := range chat.Split(text, chat.MaxText) {
			messages = append(messages, chat.Message{
				Chat: p.Chat, HTML: part, Kind: "digest", Silent: Quiet(set.Text("telegram:quiet_hours"), now), Key: fmt.Sprintf("digest %d %d to %d", today, i, p.Chat),
			})
		}
	}
	if err := t.parts.Outbox.PostNotices(ctx, digestMark, today, messages, t.parts.Now()); err != nil {
		return err
	}
	t.parts.Posted()
	return nil
}
