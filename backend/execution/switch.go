package execution

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// standings is the row of the trading state. SetStanding blocks queued entries in the same transaction and lists the
// entries that rest at an exchange.
type standings interface {
	Standing(ctx context.Context) (risk.Standing, error)
	SetStanding(ctx context.Context, s risk.Standing) (blocked int, resting []trading.Order, err error)
	AskCancel(ctx context.Context, id trading.OrderID, actor string, at time.Time) error
	Order(ctx context.Context, id trading.OrderID) (trading.Order, error)
	OpenOrders(ctx context.Context, account trading.AccountID) ([]trading.Order, error)
}

// killFile is the small file beside the ledger that says halted even when the ledger cannot be read.
type killFile interface {
	// Read returns false when there is no file. An error counts as halted.
	Read() (risk.Standing, bool, error)
	Write(s risk.Standing) error
	Remove() error
}

// Switch is the trading state: in memory, in a file, and as a row. Whichever says halted wins.
type Switch struct {
	rows standings
	file killFile
	now  func() time.Time
	log  *slog.Logger
	wake func()

	standing atomic.Pointer[risk.Standing]
	damaged  atomic.Bool
	// halted is when trading was last halted by this process; it outlives the release.
	halted atomic.Pointer[time.Time]

	// heeding are those who want to know of every change at once, by number.
	heedMu  sync.Mutex
	heeding map[int]func()
	heeds   int

	// memory guards the move from one state in memory to the next; it is held for a moment and never while the disk is asked.
	memory  sync.Mutex
	resting []trading.Order

	// mu is held while file and ledger are brought to a state.
	mu sync.Mutex
	// told is the epoch of the state that the ledger took last. While it is not that of a halt in force, what waits has not
	// been blocked.
	told int64
}

// NewSwitch makes a switch that is halted until Load has read what was left.
func NewSwitch(rows standings, file killFile, now func() time.Time, log *slog.Logger) *Switch {
	s := &Switch{rows: rows, file: file, now: now, log: log, wake: func() {}, heeding: map[int]func(){}}
	s.standing.Store(&risk.Standing{State: risk.Halted, Reason: "starting", Actor: "program", Since: now()})
	return s
}

// OnQueue tells the switch how to make the queue look, so that cancels start at once.
func (s *Switch) OnQueue(wake func()) { s.wake = wake }

// Standing is the state in force.
func (s *Switch) Standing() risk.Standing { return *s.standing.Load() }

// Damaged tells whether the ledger can no longer be written; nothing new may be sent.
func (s *Switch) Damaged() bool { return s.damaged.Load() }

// HaltedSince tells whether trading is halted, or was at any time after a moment.
func (s *Switch) HaltedSince(at time.Time) bool {
	last := s.halted.Load()
	return s.Standing().State == risk.Halted || last != nil && last.After(at)
}

// put brings a state into force in memory.
func (s *Switch) put(next risk.Standing) {
	if next.State == risk.Halted {
		now := s.now()
		s.halted.Store(&now)
	}
	s.standing.Store(&next)
	s.heedMu.Lock()
	defer s.heedMu.Unlock()
	for _, f := range s.heeding {
		f()
	}
}

// Heed has f called at every change of the state, once it is in force in memory, until forget is called. f must not wait.
func (s *Switch) Heed(f func()) (forget func()) {
	s.heedMu.Lock()
	defer s.heedMu.Unlock()
	s.heeds++
	n := s.heeds
	s.heeding[n] = f
	return func() {
		s.heedMu.Lock()
		delete(s.heeding, n)
		s.heedMu.Unlock()
	}
}

// Load reads file and row. Either says halted: halted. Unreadable: halted. A halt that the end of the program interrupted is
// finished: what waits is blocked and what rests is canceled.
func (s *Switch) Load(ctx context.Context) error {
	row, err := s.rows.Standing(ctx)
	if err != nil {
		return fmt.Errorf("read the trading state: %w", err)
	}
	now := row
	kept, there, err := s.file.Read()
	switch {
	case err != nil:
		now = risk.Standing{State: risk.Halted, Reason: "the kill file cannot be read: " + err.Error(), Actor: "program", Since: s.now(), Epoch: row.Epoch}
	case there && risk.Stricter(kept.State, row.State) != row.State:
		kept.Epoch = row.Epoch
		now = kept
	}
	s.put(now)
	if now.State != risk.Halted {
		return nil
	}
	open, err := s.rows.OpenOrders(ctx, "")
	if err != nil {
		return fmt.Errorf("list what a halt has to stop: %w", err)
	}
	if row.State == risk.Halted && !slices.ContainsFunc(open, stoppable) {
		s.told = now.Epoch
		return nil
	}
	if err := s.Set(ctx, now); err != nil {
		s.log.Error("finish the halt of the run before", "error", err)
	}
	return nil
}

// stoppable tells whether a halt does something about an open order.
func stoppable(o trading.Order) bool {
	return !o.ReduceOnly && (o.Status == trading.OrderCreated || o.Status.Resting())
}

// CheckFile halts when somebody made the kill file by hand while the program runs, and finishes a halt that the ledger could
// not be told of.
func (s *Switch) CheckFile(ctx context.Context) error {
	if s.Standing().State == risk.Halted {
		return s.finish(ctx)
	}
	_, there, err := s.file.Read()
	if !there && err == nil || s.Standing().State == risk.Halted {
		return nil
	}
	return s.Set(ctx, risk.Standing{State: risk.Halted, Reason: "the kill file was made by hand", Actor: "kill file", Since: s.now()})
}

// finish tells the ledger of a halt again, so that what waits is blocked and what rests is canceled.
func (s *Switch) finish(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Standing()
	if s.told == now.Epoch || s.Damaged() || now.State != risk.Halted {
		return nil
	}
	return s.tighten(ctx, now)
}

// Damage halts in memory and file because the ledger cannot be written any more.
func (s *Switch) Damage(reason string) {
	s.damaged.Store(true)
	halted := risk.Standing{State: risk.Halted, Reason: reason, Actor: "program", Since: s.now()}
	s.shut(&halted) // nothing is stricter than a halt
	if err := s.file.Write(halted); err != nil {
		s.log.Error("write the kill file", "error", err)
	}
}

// Set changes the state. Tightening takes effect in memory first, then in the file, then as a row that also blocks queued
// entries, and asks for the cancel of resting entries; it is safe at every step. Relaxing goes the other way round, so
// that a crash in between stays shut.
func (s *Switch) Set(ctx context.Context, next risk.Standing) error {
	if !next.State.Known() {
		return trading.FieldError("state", "%q is not one of active, reducing, halted", next.State)
	}
	if next.Since.IsZero() {
		next.Since = s.now()
	}
	tightened := s.shut(&next)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !tightened {
		return s.relax(ctx, next)
	}
	if now := s.Standing(); now.Epoch != next.Epoch {
		if now.State != next.State {
			return trading.Errorf(trading.Conflict, "the trading state was changed again meanwhile: it is %s", now.State)
		}
		next = now // the same once more: the ledger gets the words of the last
	}
	if s.told == next.Epoch {
		return nil // somebody who came between has finished it
	}
	return s.tighten(ctx, next)
}

// shut brings a state into force in memory, unless it is looser than the one in force. It waits for nobody: a change before it
// may hang at the disk.
func (s *Switch) shut(next *risk.Standing) bool {
	s.memory.Lock()
	defer s.memory.Unlock()
	now := s.Standing()
	if risk.Stricter(now.State, next.State) == now.State && now.State != next.State {
		return false
	}
	next.Epoch = now.Epoch + 1
	s.put(*next)
	return true
}

// tighten brings file and ledger to a state that is in force in memory.
func (s *Switch) tighten(ctx context.Context, next risk.Standing) error {
	var fileErr error
	if next.State == risk.Halted {
		fileErr = s.file.Write(next)
	}
	blocked, resting, err := s.rows.SetStanding(ctx, next)
	if err != nil {
		return trading.Wrap(trading.Unavailable, err, "halted in memory and file, but the ledger could not be written")
	}
	s.told = next.Epoch
	if fileErr != nil {
		s.log.Error("write the kill file", "error", fileErr)
	}
	s.log.Warn("trading state", "state", next.State, "actor", next.Actor, "reason", next.Reason, "blocked", blocked, "resting", len(resting))
	if next.State != risk.Halted {
		return nil
	}
	s.rest(resting)
	for _, o := range resting {
		if err := s.rows.AskCancel(ctx, o.ID, "kill switch", s.now()); err != nil {
			s.log.Error("ask for the cancel of a resting entry", "order", o.ID, "error", err)
		}
	}
	s.wake()
	return nil
}

// CancelLate asks for the cancel of an entry that came to rest after a halt, and shows it with the others. One that has
// ended meanwhile needs none.
func (s *Switch) CancelLate(ctx context.Context, o trading.Order) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.rows.AskCancel(ctx, o.ID, "kill switch", s.now()); err != nil {
		if trading.KindOf(err) == trading.Conflict {
			return nil
		}
		return err
	}
	s.memory.Lock()
	if s.Standing().State == risk.Halted {
		s.resting = append(s.resting, o)
	}
	s.memory.Unlock()
	s.wake()
	return nil
}

// rest notes the entries that rested when trading was halted.
func (s *Switch) rest(orders []trading.Order) {
	s.memory.Lock()
	defer s.memory.Unlock()
	s.resting = orders
}

func (s *Switch) relax(ctx context.Context, next risk.Standing) error {
	from := s.Standing()
	next.Epoch = from.Epoch + 1
	if s.Damaged() {
		return trading.Errorf(trading.Conflict, "the ledger cannot be written: restart the program and run `hoox verify` before you release")
	}
	if from.State == risk.Halted && s.told != from.Epoch {
		// What was in the line at the halt never fires later.
		if err := s.tighten(ctx, from); err != nil {
			return err
		}
	}
	if _, _, err := s.rows.SetStanding(ctx, next); err != nil {
		return fmt.Errorf("release the kill switch: %w", err)
	}
	if next.State != risk.Halted {
		if err := s.file.Remove(); err != nil {
			return trading.Wrap(trading.Unavailable, err, "the kill file could not be removed: still halted")
		}
	}
	if !s.loosen(from, next) {
		return trading.Errorf(trading.Conflict, "the trading state was changed again meanwhile: it is %s", s.Standing().State)
	}
	s.log.Warn("trading state", "state", next.State, "actor", next.Actor, "reason", next.Reason)
	s.wake()
	return nil
}

// loosen brings a looser state into force in memory, unless somebody has changed it since it was asked for.
func (s *Switch) loosen(from, next risk.Standing) bool {
	s.memory.Lock()
	defer s.memory.Unlock()
	if s.Standing().Epoch != from.Epoch {
		return false
	}
	s.put(next)
	s.resting = nil
	return true
}

// Progress is how far the cancels of the last halt are, by exchange.
type Progress struct {
	Exchange  trading.Exchange
	Asked     int
	Confirmed int
}

// Progress counts the resting entries of the last halt: asked to cancel, and proven to rest no more.
func (s *Switch) Progress(ctx context.Context) ([]Progress, error) {
	s.memory.Lock()
	resting := append([]trading.Order(nil), s.resting...)
	s.memory.Unlock()
	counts := map[trading.Exchange]*Progress{}
	var list []Progress
	for _, o := range resting {
		row, err := s.rows.Order(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		p, ok := counts[o.Exchange()]
		if !ok {
			p = &Progress{Exchange: o.Exchange()}
			counts[o.Exchange()] = p
		}
		p.Asked++
		if row.Status.Final() {
			p.Confirmed++
		}
	}
	for _, e := range trading.Exchanges() {
		if p, ok := counts[e]; ok {
			list = append(list, *p)
		}
	}
	return list, nil
}
