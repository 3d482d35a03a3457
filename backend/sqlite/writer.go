package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"time"

	"hoox/backend/trading"
)

const (
	// batchLimit bounds how many callers share one commit, so that none waits for an endless one.
	batchLimit = 256
	// laterWait is how long deferred work waits for a commit to join before it is committed alone.
	laterWait = 20 * time.Millisecond
	// rideWait is the same for the answers on record, which nobody misses for a second.
	rideWait = time.Second
	// quietWait is how long nobody may want anything before the log is worked into the main file, and quietRows how much must
	// have changed for that to be worth it. Otherwise the engine does it inside an unlucky commit.
	quietWait = 250 * time.Millisecond
	quietRows = 200
)

// unit is one piece of work for the writer. run may be called again after a rollback, so it must set all it sets anew.
type unit struct {
	ctx       context.Context
	operation string
	run       func(*tx) error
	err       error
	// done is nil for deferred work, for which nobody waits.
	done chan struct{}
}

// writer owns the one connection that writes.
type writer struct {
	ctx  context.Context
	db   *DB
	conn *sql.Conn

	units   chan *unit
	nudge   chan struct{}
	ride    chan struct{}
	stop    chan struct{}
	stopped chan struct{}

	// Only the goroutine of serve touches these.
	prepared map[string]*sql.Stmt
	head     head
	mirror   *mirror
	broken   error
	lost     error
	// noted is the latest time that is on disk, in milliseconds.
	noted int64
	// kept is deferred work of the running commit that found no room.
	kept []*unit
	// inLog counts changed rows since the log was last worked off.
	inLog int64

	mu       sync.Mutex
	deferred []*unit
	rides    map[trading.SignalID]*passenger
}

func newWriter(ctx context.Context, db *DB, conn *sql.Conn) *writer {
	return &writer{
		ctx: ctx, db: db, conn: conn,
		units: make(chan *unit, batchLimit), nudge: make(chan struct{}, 1), ride: make(chan struct{}, 1),
		stop: make(chan struct{}), stopped: make(chan struct{}),
		prepared: map[string]*sql.Stmt{}, mirror: newMirror(), rides: map[trading.SignalID]*passenger{},
	}
}

// do runs work in the next commit and returns when it is on disk, or has failed and left nothing behind. A caller who gives
// up before the writer has taken the work causes nothing; after that do waits for the end, because the work happens.
func (db *DB) do(ctx context.Context, operation string, run func(*tx) error) error {
	u := &unit{ctx: ctx, operation: operation, run: run, done: make(chan struct{})}
	select {
	case <-db.writer.stop:
		return closedError(operation)
	default:
	}
	select {
	case db.writer.units <- u:
	case <-db.writer.stop:
		return closedError(operation)
	case <-ctx.Done():
		return db.fault(ctx.Err(), operation)
	}
	select {
	case <-u.done:
		return u.err
	case <-db.writer.stopped:
	}
	select {
	case <-u.done:
		return u.err
	default:
		return closedError(operation)
	}
}

func closedError(operation string) error {
	return trading.Errorf(trading.Unavailable, "%s: the ledger is closed", operation)
}

// later runs work with the next commit, before any unit handed in after it, or alone after a short idle time. Nobody
// waits for it. Work that finds the disk full stays for the next commit.
func (db *DB) later(operation string, run func(*tx) error) {
	w := db.writer
	w.mu.Lock()
	w.deferred = append(w.deferred, &unit{ctx: w.ctx, operation: operation, run: run})
	w.mu.Unlock()
	ring(w.nudge)
}

// ring leaves a note in a channel of one, unless there is one already.
func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *writer) serve() {
	defer close(w.stopped)
	soon, late, quiet := stoppedTimer(), stoppedTimer(), stoppedTimer()
	defer soon.Stop()
	defer late.Stop()
	defer quiet.Stop()
	// A timer that runs is left alone, so that a steady trickle cannot put deferred work off for ever.
	soonRuns, lateRuns := false, false
	for {
		select {
		case u := <-w.units:
			w.commit(w.collect(u), false)
		case <-soon.C:
			soonRuns = false
			w.commit(nil, false)
		case <-late.C:
			lateRuns = false
			w.commit(nil, true)
		case <-w.nudge:
			if !soonRuns {
				soonRuns = true
				soon.Reset(laterWait)
			}
			continue
		case <-w.ride:
			if !lateRuns {
				lateRuns = true
				late.Reset(rideWait)
			}
			continue
		case <-quiet.C:
			w.workOff()
			continue
		case <-w.stop:
			w.drain()
			return
		}
		if w.inLog > quietRows {
			quiet.Reset(quietWait)
		}
	}
}

// workOff moves the log into the main file as far as readers allow; what is left stays in the log, where it is safe.
func (w *writer) workOff() {
	w.inLog = 0
	if w.broken != nil {
		return
	}
	var busy, frames, moved int
	if err := w.conn.QueryRowContext(w.ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &frames, &moved); isDamage(err) {
		w.fail(nil, err)
	}
}

func stoppedTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// drain commits what was handed in before the stop.
func (w *writer) drain() {
	for {
		select {
		case u := <-w.units:
			w.commit(w.collect(u), false)
		default:
			w.commit(nil, true)
			return
		}
	}
}

// collect takes what waits besides the first. Yielding once lets callers who were just answered hand in their next.
func (w *writer) collect(first *unit) []*unit {
	runtime.Gosched()
	batch := []*unit{first}
	for len(batch) < batchLimit {
		select {
		case u := <-w.units:
			batch = append(batch, u)
		default:
			return batch
		}
	}
	return batch
}

// commit runs deferred work and the batch in one transaction. When one of them fails with something half written, each is
// run again alone, so that one failure harms nobody else.
func (w *writer) commit(batch []*unit, ridesToo bool) {
	w.mu.Lock()
	all := append(w.deferred, batch...)
	w.deferred = nil
	w.mu.Unlock()
	if len(all) == 0 && !ridesToo {
		return
	}
	if w.broken != nil {
		for _, u := range all {
			w.answer(u, w.broken)
		}
		return
	}
	if !w.together(all, ridesToo) {
		w.oneByOne(all)
	}
	if len(w.kept) > 0 {
		// Before what was deferred meanwhile, so that an older value never overwrites a newer one.
		w.mu.Lock()
		w.deferred = append(w.kept, w.deferred...)
		w.mu.Unlock()
		w.kept = nil
	}
}

// oneByOne runs units alone. Once deferred work has found no room, nothing that was handed in after it may get through
// before it: what follows would be on disk without what it follows from.
func (w *writer) oneByOne(all []*unit) {
	for i, u := range all {
		w.together([]*unit{u}, false)
		if len(w.kept) > 0 {
			w.fail(all[i+1:], u.err)
			return
		}
	}
}

// together answers true when every unit has its answer; false asks to run them one by one.
func (w *writer) together(batch []*unit, ridesToo bool) bool {
	t, err := w.begin()
	if err != nil {
		w.fail(batch, err)
		return true
	}
	for _, u := range batch {
		u.err = u.ctx.Err()
		if u.err == nil {
			u.err = t.attempt(u)
		}
		if u.err == nil || (!t.dirty && !isDamage(u.err)) {
			continue
		}
		w.rollback()
		if len(batch) > 1 && !isDamage(u.err) {
			return false
		}
		w.fail(batch, u.err)
		return true
	}
	if err := w.finish(t, ridesToo); err != nil {
		w.rollback()
		w.fail(batch, err)
		return true
	}
	// Told before the callers go on, so that whoever has its answer knows that the hub has heard.
	t.announce()
	for _, u := range batch {
		w.answer(u, u.err)
	}
	return true
}

// finish writes the journal and the passengers, and commits.
func (w *writer) finish(t *tx, ridesToo bool) error {
	if err := t.writeJournal(); err != nil {
		return err
	}
	if t.wrote > 0 || ridesToo {
		if err := t.writeRides(); err != nil {
			return err
		}
	}
	noted := w.noted
	if t.wrote > 0 {
		var err error
		if noted, err = t.writeSaw(); err != nil {
			return err
		}
	}
	if _, err := w.statement("COMMIT"); err != nil {
		return err
	}
	w.noted = noted
	if t.wrote > 0 {
		w.db.flushes.Add(1)
		w.db.full.Store(false)
		w.inLog += t.wrote
	}
	w.head = t.head
	w.alight()
	return nil
}

func (w *writer) begin() (*tx, error) {
	if _, err := w.statement("BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	return &tx{w: w, head: w.head}, nil
}

// rollback also forgets the mirror: it may hold what has just been undone. The engine may have rolled back by itself, so
// the statement's own error says nothing.
func (w *writer) rollback() {
	_, _ = w.statement("ROLLBACK")
	w.mirror = newMirror()
	w.unboard()
}

func (w *writer) fail(batch []*unit, err error) {
	if isDamage(err) {
		w.broken = w.db.fault(err, "write to the ledger")
		w.db.damageOnce.Do(func() { close(w.db.damaged) })
	}
	for _, u := range batch {
		w.answer(u, err)
	}
}

// answer gives a unit its end. Deferred work that found no room is kept for the next commit; otherwise its loss is
// remembered for Ping.
func (w *writer) answer(u *unit, err error) {
	u.err = w.db.fault(err, u.operation)
	if u.done != nil {
		close(u.done)
		return
	}
	switch {
	case u.err == nil:
		w.lost = nil
	case isFull(err):
		w.kept = append(w.kept, u)
	default:
		w.lost = u.err
	}
}

// statement runs a statement of the writer's connection, prepared once.
func (w *writer) statement(query string, args ...any) (sql.Result, error) {
	s, err := w.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(w.ctx, args...)
}

func (w *writer) prepare(query string) (*sql.Stmt, error) {
	if s, ok := w.prepared[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(w.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	w.prepared[query] = s
	return s, nil
}

func (w *writer) close() error {
	for _, s := range w.prepared {
		_ = s.Close()
	}
	return w.conn.Close()
}
