package telegramsim

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// queue is the updates that the bot has not confirmed.
type queue struct {
	next    int64
	pending []*pending
	allowed []string
}

// pending is one of them.
type pending struct {
	id, chat int64
	body     object
	// due is when it is posted to the webhook, fails how often that failed.
	due   time.Time
	fails int
}

func (p *pending) json() json.RawMessage { return encode(p.body) }

// add makes an update of one part ("message", …). The caller holds the lock.
func (s *Server) add(kind string, chat int64, part any) int64 {
	if len(s.queue.allowed) > 0 && !slices.Contains(s.queue.allowed, kind) {
		return 0
	}
	id := s.queue.next
	s.queue.next++
	s.queue.pending = append(s.queue.pending, &pending{id: id, chat: chat, body: object{"update_id": id, kind: part}})
	s.tell()
	return id
}

// Raw makes an update of parts as they are, whatever they are, and returns its number.
func (s *Server) Raw(parts map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	body := maps.Clone(parts)
	id := s.queue.next
	body["update_id"] = id
	s.queue.next++
	s.queue.pending = append(s.queue.pending, &pending{id: id, body: body})
	s.tell()
	return id
}

// Renumber counts from another number on, as the real one does after a quiet week.
func (s *Server) Renumber(next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.next = next
}

// Unconfirmed lists the numbers of the updates that would be brought again.
func (s *Server) Unconfirmed() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []int64
	for _, p := range s.queue.pending {
		list = append(list, p.id)
	}
	return list
}

// from confirms what is before a number and returns what is there from it on. A number far in the future is not believed: then nothing
// is confirmed.
func (q *queue) from(offset int64, limit int) []json.RawMessage {
	if offset < 0 {
		q.pending = q.pending[max(len(q.pending)+int(offset), 0):]
	} else if offset > 0 && offset <= q.next+10 {
		q.pending = slices.DeleteFunc(q.pending, func(p *pending) bool { return p.id < offset })
	}
	list := []json.RawMessage{}
	for _, p := range q.pending[:min(limit, len(q.pending))] {
		list = append(list, p.json())
	}
	return list
}

// allow takes the list of kinds that are asked for. The caller holds the lock.
func (s *Server) allow(r request) {
	var kinds []string
	if text := strings.TrimSpace(r.args["allowed_updates"]); text != "" && json.Unmarshal([]byte(text), &kinds) == nil {
		s.queue.allowed = kinds
	}
}

// Allowed lists the kinds of updates that were asked for; none is all.
func (s *Server) Allowed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queue.allowed)
}

// question is a getUpdates that waits.
type question struct{ ended chan *no }

// getUpdates answers when there is something, the time is over, or somebody else asks.
func (s *Server) getUpdates(ctx context.Context, r request) (any, *no) {
	limit := int(r.number("limit"))
	if limit < 1 || limit > 100 {
		limit = 100
	}
	timer := time.NewTimer(time.Duration(min(max(r.number("timeout"), 0), 50)) * time.Second)
	defer timer.Stop()
	mine := &question{ended: make(chan *no, 1)}
	for {
		s.mu.Lock()
		select {
		case refusal := <-mine.ended:
			s.mu.Unlock()
			return nil, refusal
		default:
		}
		if s.hook.url != "" {
			s.mu.Unlock()
			return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
		}
		if s.poll != mine {
			s.allow(r)
			s.abort("terminated by other getUpdates request; make sure that only one bot instance is running")
			s.poll = mine
		}
		list, news := s.queue.from(r.number("offset"), limit), s.news
		if len(list) > 0 || r.number("timeout") <= 0 {
			s.poll = nil
			s.mu.Unlock()
			return list, nil
		}
		s.mu.Unlock()
		select {
		case refusal := <-mine.ended:
			return nil, refusal
		case <-news:
		case <-timer.C:
			s.leave(mine)
			return list, nil
		case <-ctx.Done():
			s.leave(mine)
			return list, nil
		}
	}
}

func (s *Server) leave(q *question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll == q {
		s.poll = nil
	}
}

// abort ends the question that waits. The caller holds the lock.
func (s *Server) abort(why string) {
	if s.poll != nil {
		s.poll.ended <- conflict(why)
		s.poll = nil
	}
}

// Rival is another program that asks once for the messages of the bot: the question that waits ends, and nothing is confirmed.
func (s *Server) Rival() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abort("terminated by other getUpdates request; make sure that only one bot instance is running")
}

// Asked tells whether a question for updates waits.
func (s *Server) Asked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poll != nil
}
