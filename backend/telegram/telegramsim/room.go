package telegramsim

import (
	"time"
)

// room is one chat.
type room struct {
	id   int64
	kind string
	// blocked tells that the person has blocked the bot, or that it was thrown out of the group. moved is the supergroup it has become.
	blocked bool
	moved   int64
	last    int64
	sent    map[int64]*Sent
	times   []time.Time
}

// enter is a chat, made when there is none: a private one begins when its person speaks, and groups have numbers below zero. The caller
// holds the lock.
func (s *Server) enter(id int64) *room {
	if c := s.rooms[id]; c != nil {
		return c
	}
	kind := "private"
	if id < 0 {
		kind = "supergroup"
	}
	s.rooms[id] = &room{id: id, kind: kind, sent: map[int64]*Sent{}}
	return s.rooms[id]
}

// Start makes a chat to which the bot may send: a person has pressed start, or taken the bot into a group.
func (s *Server) Start(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(chat).blocked = false
}

// Block has a person block the bot, or a group throw it out.
func (s *Server) Block(chat int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(chat).blocked = true
}

// Move makes a group a supergroup with another number.
func (s *Server) Move(group, to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(group).moved = to
	s.enter(to)
}

// open is the chat to send to, or why not. The caller holds the lock.
func (s *Server) open(id int64) (*room, *no) {
	c := s.rooms[id]
	switch {
	case id == 0:
		return nil, bad("chat_id is empty")
	case c == nil:
		return nil, bad("chat not found")
	case c.moved != 0:
		refusal := bad("group chat was upgraded to a supergroup chat")
		refusal.moved = c.moved
		return nil, refusal
	case c.blocked && c.kind == "private":
		return nil, forbidden("bot was blocked by the user")
	case c.blocked:
		return nil, forbidden("bot was kicked from the supergroup chat")
	}
	return c, nil
}

func (c *room) json() object { return object{"id": c.id, "type": c.kind} }

// How fast a bot may send.
const (
	allLimit   = 30
	groupLimit = 20
)

// flood refuses what comes too fast: more than one message a second in a chat, 20 a minute in a group, 30 a second in all. The caller
// holds the lock.
func (s *Server) flood(c *room) *no {
	now := s.cfg.Now()
	within := func(list []time.Time, span time.Duration) (n int) {
		for _, at := range list {
			if now.Sub(at) < span {
				n++
			}
		}
		return n
	}
	switch {
	case !s.cfg.Flood:
	case within(c.times, time.Second) > 0:
		return flooded(3)
	case c.id < 0 && within(c.times, time.Minute) >= groupLimit:
		return flooded(30)
	case within(s.all, time.Second) >= allLimit:
		return flooded(5)
	}
	c.times, s.all = append(c.times, now), append(s.all, now)
	return nil
}
