package telegram

import (
	"context"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// grace is how long a message that is under way may go on after a stop.
const grace = 3 * time.Second

// guarded delivers one message; a panic in it is this message's failure, not the end of the program.
func (p *Postman) guarded(ctx context.Context, m chat.Message) {
	defer func() {
		if failed := recover(); failed != nil {
			p.parts.Log.Error("sending a message panicked", "message", m.ID, "panic", failed)
			p.fail(ctx, m, "the program failed while sending it", time.Time{})
		}
	}()
	p.deliver(ctx, m)
}

// deliver brings one message to its chat, or writes down why not. The chat stays busy until that is written down: what was sent must not
// be sent again only because the store was slow.
func (p *Postman) deliver(ctx context.Context, m chat.Message) {
	if why := p.unfit(m); why != "" {
		p.fail(ctx, m, why, time.Time{})
		return
	}
	number, err := p.send(ctx, m)
	if err == nil {
		p.went()
		p.progress(m.ID, 0)
		p.settle(ctx, "write down that a message was sent", func(ctx context.Context) error {
			return p.parts.Outbox.MessageSent(ctx, m.ID, number, p.parts.Now())
		})
		return
	}
	if ctx.Err() != nil {
		return
	}
	now := p.parts.Now()
	switch trading.KindOf(err) {
	case trading.Unauthorized, trading.Unavailable:
		// Nothing left: it is not about this message.
		p.hold(err)
	case trading.Limited:
		again := now.Add(trading.WaitOf(err))
		p.pace.silence(m.Chat, now, again)
		p.fail(ctx, m, err.Error(), again)
	case trading.Rejected, trading.Invalid, trading.Refused, trading.NotFound:
		p.fail(ctx, m, err.Error(), time.Time{})
	case trading.Unknown, trading.Conflict, trading.Internal, trading.Duplicate, trading.Halted:
		p.mu.Lock()
		p.putOff = true
		p.mu.Unlock()
		p.fail(ctx, m, err.Error(), now.Add(p.pause(m.Attempts)))
	}
}

// unfit is why a message is not worth sending; "" when it is.
func (p *Postman) unfit(m chat.Message) string {
	if keep := p.parts.Keep(); p.parts.Now().Sub(m.PostedAt) > keep {
		return "it waited longer than " + keep.String() + " and is of no use any more"
	}
	if len(parts(m)) == 0 || strings.TrimSpace(m.HTML) == "" && len(m.Picture) == 0 {
		return "it says nothing"
	}
	return ""
}

// send sends every part of a message and returns the number of the last one, under which the buttons are.
func (p *Postman) send(ctx context.Context, m chat.Message) (number int64, err error) {
	// A call that is cut may have happened; one that is let go on for a moment mostly tells.
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	done := p.begun(m.ID)
	for i, part := range parts(m) {
		if i < done {
			continue
		}
		if i > done {
			if err := p.await(ctx, m.Chat); err != nil {
				return 0, err
			}
		}
		if number, err = p.parts.Client.Send(lasting, part); err != nil {
			return 0, err
		}
		p.progress(m.ID, i+1)
	}
	return number, nil
}

// begun is how many parts of a message Telegram has from an earlier try of this run.
func (p *Postman) begun(id int64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.arrived[id]
}

// progress notes how many parts of a message Telegram has; zero forgets it.
func (p *Postman) progress(id int64, parts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if parts == 0 {
		delete(p.arrived, id)
		return
	}
	p.arrived[id] = parts
}

// await waits until another message may go to a chat.
func (p *Postman) await(ctx context.Context, id int64) error {
	for {
		now := p.parts.Now()
		at, free := p.pace.take(id, now)
		if free {
			return nil
		}
		if err := wire.Pause(ctx, at.Sub(now)); err != nil {
			return err
		}
	}
}

// pause is how long a message waits that has failed so often before.
func (p *Postman) pause(attempts int) time.Duration {
	d := farthest
	if attempts < 9 {
		d = min(2*time.Second<<max(attempts, 0), farthest)
	}
	return d/2 + p.parts.Jitter(d/2+1)
}

// hold sends nothing at all for a while that grows.
func (p *Postman) hold(err error) {
	p.mu.Lock()
	// Several chats may find out at the same time; that is one miss.
	if now := p.parts.Now(); !p.held.After(now) {
		p.held = now.Add(p.pause(p.misses))
		p.misses++
	}
	p.mu.Unlock()
	p.stumble("messages wait", err)
}

// went notes that a message went out.
func (p *Postman) went() {
	p.mu.Lock()
	changed := p.stuck != ""
	p.misses, p.stuck = 0, ""
	p.mu.Unlock()
	if changed {
		p.parts.Changed()
	}
}

// fail writes down why a message did not go out, and when it is tried again; never when that is zero.
func (p *Postman) fail(ctx context.Context, m chat.Message, why string, again time.Time) {
	p.mu.Lock()
	if !again.IsZero() && (p.soon.IsZero() || again.Before(p.soon)) {
		p.soon = again
	}
	p.mu.Unlock()
	if again.IsZero() {
		p.progress(m.ID, 0)
		p.parts.Log.Warn("a telegram message was given up", "message", m.ID, "kind", m.Kind, "chat", m.Chat, "why", why)
	}
	p.stumble(why, nil)
	p.settle(ctx, "write down why a message did not go out", func(ctx context.Context) error {
		return p.parts.Outbox.MessageFailed(ctx, m.ID, why, again, p.parts.Now())
	})
}

// settle writes something down, and tries until it can or the program stops.
func (p *Postman) settle(ctx context.Context, what string, write func(ctx context.Context) error) {
	for wait := leastPause; ; wait = min(2*wait, mostPause) {
		err := write(context.WithoutCancel(ctx))
		if err == nil || trading.KindOf(err) == trading.NotFound {
			return
		}
		p.parts.Log.Error(what, "error", err)
		if wire.Pause(ctx, wait) != nil {
			return
		}
	}
}
