package app

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

// queue lists work. An id stands on a line of its own: it is longer than a column, and is copied by a tap.
func (b *bot) queue(a *asking) (reply, error) {
	page, err := a.services.queue.List(PageRequest{Limit: 20})
	if err != nil {
		return reply{}, err
	}
	lines := []string{chat.Bold(fmt.Sprintf("Queue: %d wait, %d given up", page.Waiting, page.Dead))}
	for _, j := range page.Items {
		words := fmt.Sprintf("○ %s, waits, tries %d", j.Kind, j.Attempts)
		if j.State == string(queue.Dead) {
			words = fmt.Sprintf("■ %s, given up, tries %d: %s", j.Kind, j.Attempts, chat.Line(j.LastError, 100))
		}
		lines = append(lines, chat.Escape(words), chat.Code(j.ID))
	}
	if page.Next != "" {
		lines = append(lines, "These are the newest 20: the window shows them all.")
	}
	if page.Dead > 0 {
		lines = append(lines, "/retry tries one again, within its deadline.")
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

// retry looks what the work is, then asks whether.
func (b *bot) retry(a *asking) (reply, error) {
	list, err := b.givenUp(a)
	if err != nil {
		return reply{}, err
	}
	id := a.command.Rest
	if id != "" {
		for _, j := range list {
			if j.ID == id {
				return b.askRetry(a, j)
			}
		}
		return reply{}, trading.Errorf(trading.NotFound, "no work %q was given up; /queue lists what was", chat.Line(id, 40))
	}
	if len(list) == 0 {
		return reply{html: "No work was given up. There is nothing to try again."}, nil
	}
	r := reply{html: "Which work? Each was given up."}
	if len(list) > 8 {
		r.html += fmt.Sprintf(" These are the newest 8 of %d; name another one: /retry and its id, as /queue lists them.", len(list))
	}
	r.buttons = b.pending.ask(a, chat.Operator, each(list[:min(len(list), 8)], func(j JobRow) []choice {
		return []choice{{b.jobLabel(a, j), func(a *asking) (reply, error) { return b.askRetry(a, j) }}}
	})...)
	return r, nil
}

// givenUp is all work that was given up, newest first.
func (b *bot) givenUp(a *asking) (list []JobRow, err error) {
	ask := PageRequest{Limit: largestPage, Filter: Filter{Status: string(queue.Dead)}}
	for {
		page, err := a.services.queue.List(ask)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Items...)
		if ask.Cursor = page.Next; ask.Cursor == "" {
			return list, nil
		}
	}
}

func (b *bot) jobLabel(a *asking, j JobRow) string {
	o, err := b.in.line.Order(a.ctx, trading.OrderID(j.OrderID))
	if err != nil {
		return j.Kind + " " + b.clock(a, j.CreatedAt)
	}
	return fmt.Sprintf("%s %s %s %s", j.Kind, o.Side, o.Symbol, modeWord(o.Account.Mode()))
}

// askRetry says what would be tried again, and until when it can be.
func (b *bot) askRetry(a *asking, j JobRow) (reply, error) {
	what := map[queue.Kind]string{
		queue.Submit: "send the order", queue.Resolve: "ask what became of the order", queue.Cancel: "cancel the order", queue.Protect: "set what protects the position",
	}
	o, err := b.in.line.Order(a.ctx, trading.OrderID(j.OrderID))
	if err != nil {
		return reply{}, err
	}
	mode := modeWord(o.Account.Mode())
	until := "It can be tried at any time."
	if queue.Kind(j.Kind) == queue.Submit {
		switch {
		case o.Status != trading.OrderCreated:
			return reply{}, trading.Errorf(trading.Refused, "the order is %s and never leaves any more: requeue its alert at the desktop to trade it anew", o.Status)
		case !o.Deadline.IsZero() && a.now.After(o.Deadline):
			return reply{}, trading.Errorf(trading.Refused, "the order had to be sent by %s and never leaves any more: requeue its alert at the desktop to trade it anew", b.clock(a, when(o.Deadline)))
		case !o.Deadline.IsZero():
			until = fmt.Sprintf("It is sent only until %s, in %s.", b.clock(a, when(o.Deadline)), o.Deadline.Sub(a.now).Truncate(time.Second))
		}
	}
	summary := chat.Bold("Try again: "+cmp.Or(what[queue.Kind(j.Kind)], j.Kind)) + "\n" +
		chat.Escape(fmt.Sprintf("%s %s %s (%s) on %s (%s)", o.Side, o.Qty, o.Symbol, o.Type, o.Account, mode)) + "\n" +
		chat.Escape(fmt.Sprintf("Given up, tries %d: %s", j.Attempts, chat.Line(j.LastError, 160))) + "\n" + chat.Escape(until)
	return b.confirm(a, chat.Operator, summary, fmt.Sprintf("Retry %s %s", o.Symbol, mode), func(a *asking) (reply, error) {
		done, err := a.services.queue.Retry(JobID{ID: j.ID})
		if err != nil {
			return reply{}, err
		}
		return became(summary, done), nil
	}), nil
}
