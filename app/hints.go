package app

import (
	"context"
	"time"

	"hoox/backend/events"
)

// hintPause is the least time between two hints of one topic: ten a second are as good as a thousand to a reader who
// reads everything again.
const hintPause = 100 * time.Millisecond

// forwardHints hands the hub's hints to one reader until ctx ends or send fails. Hints of one topic are joined to at most
// ten a second. The numbers count what this reader was sent, without a gap; a hint that the hub had to drop leaves one.
func forwardHints(ctx context.Context, hub *events.Hub, now func() time.Time, send func(Hint) error) error {
	reader := hub.Subscribe()
	defer reader.Close()
	j := joiner{last: map[events.Topic]time.Time{}, send: send}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case h := <-reader.C:
			if err := j.hear(h, now()); err != nil {
				return err
			}
		case <-timer.C:
			if err := j.flush(now()); err != nil {
				return err
			}
		}
		if len(j.waiting) > 0 {
			timer.Reset(hintPause / 4)
		}
	}
}

// joiner remembers what was sent when, and what still has to be.
type joiner struct {
	send func(Hint) error
	// out counts what was sent, heard is the hub's number of the newest hint.
	out     uint64
	heard   uint64
	last    map[events.Topic]time.Time
	waiting []events.Topic
}

func (j *joiner) hear(h events.Hint, now time.Time) error {
	if j.heard != 0 && h.Seq != j.heard+1 {
		j.out++ // a gap the reader can see
	}
	j.heard = h.Seq
	if now.Sub(j.last[h.Topic]) >= hintPause {
		return j.tell(h.Topic, now)
	}
	for _, topic := range j.waiting {
		if topic == h.Topic {
			return nil
		}
	}
	j.waiting = append(j.waiting, h.Topic)
	return nil
}

func (j *joiner) flush(now time.Time) error {
	var later []events.Topic
	for _, topic := range j.waiting {
		if now.Sub(j.last[topic]) < hintPause {
			later = append(later, topic)
			continue
		}
		if err := j.tell(topic, now); err != nil {
			return err
		}
	}
	j.waiting = later
	return nil
}

func (j *joiner) tell(topic events.Topic, now time.Time) error {
	j.out++
	j.last[topic] = now
	return j.send(Hint{Topic: string(topic), Seq: j.out})
}
