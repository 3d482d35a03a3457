package telegram

import (
	"context"
	"sync"

	"hoox/backend/chat"
)

const (
	// seats is how many commands are obeyed at the same time, spareSeats how many of the urgent ones beside them.
	seats      = 4
	spareSeats = 4
	// maxWaiting is how many commands of one person may wait.
	maxWaiting = 20
)

// desk hands updates that were taken to those who obey them: what one person says in order, several people at the same time, and what
// is urgent at once. Safe for concurrent use.
type desk struct {
	// ctx ends when the desk is to close.
	ctx         context.Context
	obey        func(ctx context.Context, u chat.Update)
	seat, spare chan struct{}
	work        sync.WaitGroup

	mu     sync.Mutex
	closed bool
	// lanes are the waiting updates by person; a person whose updates are being obeyed has one, which may be empty.
	lanes map[int64][]chat.Update
	// held counts who is at work with an update, by its number.
	held map[int64]int
}

func newDesk(ctx context.Context, obey func(ctx context.Context, u chat.Update)) *desk {
	return &desk{
		ctx: ctx, obey: obey, seat: make(chan struct{}, seats), spare: make(chan struct{}, spareSeats),
		lanes: map[int64][]chat.Update{}, held: map[int64]int{},
	}
}

// hand takes an update over. It never waits; false says that too many of this person's wait already. One that comes after close stays
// begun.
func (d *desk) hand(u chat.Update, urgent bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return true
	}
	lane, busy := d.lanes[u.User]
	switch {
	case urgent:
		d.held[u.ID]++
		d.work.Go(func() { d.one(u, d.spare) })
	case len(lane) >= maxWaiting:
		return false
	case busy:
		d.held[u.ID]++
		d.lanes[u.User] = append(lane, u)
	default:
		d.held[u.ID]++
		d.lanes[u.User] = nil
		d.work.Go(func() { d.walk(u) })
	}
	return true
}

// walk obeys one update and all that the same person says meanwhile.
func (d *desk) walk(u chat.Update) {
	for more := true; more; {
		d.one(u, d.seat)
		u, more = d.next(u.User)
	}
}

// next is what a person said next; without any their lane is closed.
func (d *desk) next(user int64) (chat.Update, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lane := d.lanes[user]
	if len(lane) == 0 || d.closed {
		delete(d.lanes, user)
		return chat.Update{}, false
	}
	d.lanes[user] = lane[1:]
	return lane[0], true
}

func (d *desk) one(u chat.Update, seat chan struct{}) {
	seat <- struct{}{}
	defer func() {
		<-seat
		d.release(u.ID)
	}()
	d.obey(d.ctx, u)
}

// claim says that somebody is at work with an update, until release.
func (d *desk) claim(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[id]++
}

func (d *desk) release(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held[id]--; d.held[id] <= 0 {
		delete(d.held, id)
	}
}

// holds tells whether somebody is at work with an update.
func (d *desk) holds(id int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held[id] > 0
}

// also runs something beside the updates that close waits for, whatever becomes of what brought it. After close it does nothing.
func (d *desk) also(run func(ctx context.Context)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.work.Go(func() { run(d.ctx) })
	}
}

// close takes nothing more and waits for what is being obeyed. What waits stays begun.
func (d *desk) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.work.Wait()
}
