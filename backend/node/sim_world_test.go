package node_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/admission"
	"hoox/backend/execution"
	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// world is one schedule: the real desk, engine, queue, switch and ledger in virtual time, and an exchange that outlives
// their ends. The ledger is a file in memory, so that a flush costs nothing; what a flush is worth is not asked here.
//
// Nothing in it draws lots in the order in which goroutines happen to run: every fault and every pause follows from the
// seed, the order and how often that was asked before, and no two pauses are alike. So the same seed is the same story.
type world struct {
	lots
	t   *testing.T
	dir string
	// crash names the edges at which the program ends, counted from 1 over all its lives.
	crash []int
	mall  *mall
	set   *settings.Live
	// born is when the computer was switched on. ahead is how far its clock is ahead of the time that passed on it, asleep how
	// much of that passed elsewhere while it slept.
	born          time.Time
	ahead, asleep atomic.Int64

	mu    sync.Mutex
	edges int
	names []string
	log   []string
	wrong []string
	// halted is since when a person knows that trading is halted, zero while it is not.
	halted time.Time

	life *life
	// outside is what happens in the world and not in the program.
	outside sync.WaitGroup
	// said is what was promised by key, seen what later answers must equal.
	said map[string]trading.Receipt
	// lives counts the starts; acted is how many edges there were before everything was let come to rest.
	lives, acted int
}

// life is one run of the program, from its start to its end or its crash.
type life struct {
	w      *world
	clock  node.Clock
	db     *sqlite.DB
	book   ledgerAt
	kill   *execution.Switch
	engine *execution.Engine
	desk   *admission.Desk
	died   chan struct{}
	dead   atomic.Bool
	// absurd tells that it found the clock so far behind the ledger that it halted.
	absurd bool
	stop   context.CancelFunc
	done   sync.WaitGroup
	dir    string
}

const simAccount = trading.AccountID("bybit:testnet")

var (
	simTemplate     []byte
	simTemplateOnce sync.Once
)

// freshLedger is the file of a ledger without a row, made once.
func freshLedger(t *testing.T) []byte {
	t.Helper()
	simTemplateOnce.Do(func() {
		file := filepath.Join(t.TempDir(), "core.db")
		db, err := sqlite.Open(context.Background(), file, sqlite.Options{Now: time.Now})
		if err == nil {
			err = db.Close()
		}
		if err == nil {
			simTemplate, err = os.ReadFile(file)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return simTemplate
}

// memoryDir is a folder in memory where there is one.
func memoryDir(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "linux" {
		if dir, err := os.MkdirTemp("/dev/shm", "hoox-sim"); err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

func newWorld(t *testing.T, dir string, ledger []byte, seed uint64, crash ...int) *world {
	w := &world{lots: lots{seed: seed}, t: t, dir: dir, crash: crash, born: time.Now(), said: map[string]trading.Receipt{}, set: settings.NewLive()}
	for key, value := range map[string]string{"trade:max_position_size": "0", "trade:max_exposure": "0", "trade:max_order_size": "0",
		"trade:max_orders_per_minute": "0", "kill.trip.unknowns": "0"} {
		w.set.Put(key, value)
	}
	w.mall = newMall(w)
	if err := os.MkdirAll(filepath.Join(dir, "0"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "0", "core.db"), ledger, 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// machine is the computer: the clock on its wall, which steps, and the time that passes.
func (w *world) machine() (wall time.Time, passed time.Duration) {
	now := time.Now()
	return now.UTC().Round(0).Add(time.Duration(w.ahead.Load())), now.Sub(w.born)
}

// truth is what time it is everywhere else, at the exchange for one.
func (w *world) truth() time.Time {
	return time.Now().UTC().Round(0).Add(time.Duration(w.asleep.Load()))
}

// now is the time of the house, which every room of the program goes by.
func (w *world) now() time.Time { return w.life.clock.Now() }

// sleep closes the lid: time passes and no timer runs.
func (w *world) sleep(d time.Duration) {
	w.ahead.Add(int64(d))
	w.asleep.Add(int64(d))
	w.tell("slept for %s", d)
}

// set sets the clock of the computer, which is all that changes.
func (w *world) setClock(by time.Duration) {
	w.ahead.Add(int64(by))
	w.tell("clock %s", by)
}

// wait lets virtual time pass, a little different for each subject.
func (w *world) wait(subject string, atLeast, spread time.Duration) {
	<-time.After(atLeast + time.Duration(w.lot("wait "+subject)%uint64(spread)))
}

// tell adds a line to the story; the story is what two runs of a seed must share.
func (w *world) tell(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, fmt.Sprintf("%d ", time.Now().UnixMicro())+fmt.Sprintf(format, args...))
}

// violated notes that an invariant does not hold.
func (w *world) violated(invariant, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, invariant+": "+fmt.Sprintf(format, args...))
}

// edge is a boundary between the program and the world. The program may end here: the goroutine that stands at it goes
// no further, nor does any other that comes to one later.
func (l *life) edge(name string) {
	if l.dead.Load() {
		runtime.Goexit()
	}
	w := l.w
	w.mu.Lock()
	w.edges++
	w.names = append(w.names, name)
	ends := slices.Contains(w.crash, w.edges)
	w.mu.Unlock()
	if ends && l.dead.CompareAndSwap(false, true) {
		w.tell("crash at %s", name)
		close(l.died)
		runtime.Goexit()
	}
}

// alive lets nobody pass whose program has ended meanwhile.
func (l *life) alive() {
	if l.dead.Load() {
		runtime.Goexit()
	}
}

// do has the program do something for the world, which goes on when that is done or the program has ended.
func (l *life) do(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// begin starts the program until it has started without ending.
func (w *world) begin() {
	for {
		w.lives++
		if w.lives > 40 {
			w.t.Fatalf("the program started %d times", w.lives)
		}
		l := &life{w: w, died: make(chan struct{}), dir: filepath.Join(w.dir, fmt.Sprint(w.lives-1))}
		w.life = l
		w.tell("start")
		var err error
		l.do(func() { err = l.start() })
		if err != nil {
			w.t.Fatalf("start: %v", err)
		}
		if !l.dead.Load() {
			return
		}
		w.bury()
	}
}

func (l *life) start() error {
	w := l.w
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	log := slog.New(slog.DiscardHandler)
	if *simLoud {
		log = slog.New(slog.NewTextHandler(w.t.Output(), nil))
	}
	l.clock = node.NewClock(w.machine)
	var err error
	if l.db, err = sqlite.Open(ctx, filepath.Join(l.dir, "core.db"), sqlite.Options{Now: l.clock.Now}); err != nil {
		return err
	}
	seen, err := l.db.HighWater(ctx)
	if err != nil {
		return err
	}
	l.clock.Remember(seen, l.db.Saw)
	l.book = ledgerAt{DB: l.db, l: l}
	l.kill = execution.NewSwitch(promptly{l.book}, killAt{objects.NewKillFile(l.dir), l}, l.clock.Now, log)
	if err := l.kill.Load(ctx); err != nil {
		return err
	}
	if why, err := l.clock.HaltIfAbsurd(ctx, l.kill.Set, l.db.ForgetHighWater); err != nil || why != "" {
		w.tell("halted: %s %v", why, err)
		l.absurd = true
		if err != nil {
			return err
		}
	}
	stall := newStall(w.mall, l)
	l.engine = execution.New(execution.Parts{Orders: l.book, Book: l.book, Guards: l.book, Drifts: l.book, Holdings: l.book, Lines: l.book,
		Venues: map[trading.AccountID]execution.Venue{simAccount: stall}, Switch: l.kill,
		Limits: func(trading.AccountID) risk.Limits { return risk.Limits{Enabled: true} }, TripUnknowns: func() int { return 0 },
		Quote: w.mall.quote, Believed: l.clock.Doubt, Now: l.clock.Now, Log: log})
	runner := queue.NewRunner(l.book, l.engine.Handlers(), l.clock.Now, log)
	l.engine.OnQueue(runner.Wake)
	l.kill.OnQueue(runner.Wake)
	l.desk = admission.New(admission.Parts{Store: l.book, Market: w.mall, Line: l.engine, Settings: w.set,
		Mode:     func(trading.Exchange, bool) trading.Mode { return trading.ModeTestnet },
		Standing: l.kill.Standing, Ready: l.admits, InstallKey: []byte("install"), Now: l.clock.Now})
	l.engine.OnDesk(l.desk)
	if err := l.engine.Recover(ctx); err != nil {
		return err
	}
	l.done.Go(func() { _ = l.engine.Serve(ctx) })
	l.done.Go(func() { _ = runner.Serve(ctx) })
	l.done.Go(func() { w.mall.stream(ctx, l, stall) })
	l.done.Go(func() {
		_ = l.clock.LookAfter(ctx, func() []trading.Lamp { return []trading.Lamp{stall.lamp()} }, l.turned)
	})
	return nil
}

// admits tells why no entries are taken now.
func (l *life) admits(id trading.AccountID, key trading.InstrumentKey) error {
	if err := l.engine.Admits(id, key); err != nil {
		return err
	}
	return l.clock.Doubt()
}

// turned is told whether the clock is believed.
func (l *life) turned(why error) {
	if l.dead.Load() {
		return
	}
	l.w.tell("clock in doubt: %t", why != nil)
	if why == nil {
		l.engine.Look(simAccount)
		l.engine.Wake()
	}
}

// bury takes away what is left of a program that ended, and gives the next one the files as they are at this moment. What
// the program had only in memory is lost.
func (w *world) bury() {
	l := w.life
	synctest.Wait()
	next := filepath.Join(w.dir, fmt.Sprint(w.lives))
	if err := os.CopyFS(next, os.DirFS(l.dir)); err != nil {
		w.t.Fatal(err)
	}
	// The index of the log lives in memory shared by whoever has it open, and dies with them.
	if err := os.Remove(filepath.Join(next, "core.db-shm")); err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	l.end()
	if err := os.RemoveAll(l.dir); err != nil {
		w.t.Fatal(err)
	}
}

// end stops the program; one that has not crashed stops as a clean one does.
func (l *life) end() {
	l.stop()
	l.done.Wait()
	if l.db != nil {
		if err := l.db.Close(); err != nil {
			l.w.t.Errorf("close the ledger: %v", err)
		}
	}
}

// again ends the program without a word, and starts it again.
func (w *world) again() {
	w.life.dead.Store(true)
	w.bury()
	w.begin()
}

// fingerprint is a digest of the story and of how the ledger ended.
func (w *world) fingerprint() string {
	h := sha256.New()
	for _, line := range w.log {
		h.Write([]byte(line + "\n"))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:12])
}

// simMarket lists two perpetuals of the exchange.
func simMarket() *market.Catalogue {
	var list []trading.Instrument
	for _, i := range listed(trading.Bybit, trading.Linear) {
		if i.Symbol == "BTCUSDT" || i.Symbol == "ETHUSDT" {
			list = append(list, i)
		}
	}
	return market.NewCatalogue(list)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
