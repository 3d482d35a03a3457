package paper_test

import (
	"context"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/exchange/exchangetest"
	"hoox/backend/exchange/paper"
	"hoox/backend/trading"
)

// shelf is a book in memory. What is saved is not to be read before the next commit, as in the real store.
type shelf struct {
	mu    sync.Mutex
	rows  map[string]string
	saved []func()
	// fail makes reading fail.
	fail error
}

func newShelf() *shelf { return &shelf{rows: map[string]string{}} }

func (s *shelf) LoadBook(_ context.Context, account trading.AccountID, prefix string) (map[string]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for key, value := range s.rows {
		if rest, ok := strings.CutPrefix(key, string(account)+"|"); ok && strings.HasPrefix(rest, prefix) {
			out[rest] = value
		}
	}
	return out, s.fail
}

func (s *shelf) BookValue(_ context.Context, account trading.AccountID, key string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.rows[string(account)+"|"+key]
	return value, ok, s.fail
}

func (s *shelf) SaveBook(account trading.AccountID, put map[string]string, drop []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved = append(s.saved, func() {
		for key, value := range put {
			s.rows[string(account)+"|"+key] = value
		}
		for _, key := range drop {
			delete(s.rows, string(account)+"|"+key)
		}
	})
}

// commit makes what was saved durable and readable.
func (s *shelf) commit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, save := range s.saved {
		save()
	}
	s.saved = nil
}

// board is a market whose price the test sets, one tick wide, with a ladder of equal levels.
type board struct {
	mu          sync.Mutex
	now         time.Time
	mark        trading.Price
	level       trading.Qty
	instruments map[trading.InstrumentKey]trading.Instrument
	stopped     bool
}

func (b *board) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *board) set(mark string) { b.put(trading.MustPrice(mark)) }

func (b *board) put(mark trading.Price) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mark = mark
}

func (b *board) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func (b *board) Instrument(_ trading.Exchange, key trading.InstrumentKey) (trading.Instrument, bool) {
	i, ok := b.instruments[key]
	return i, ok
}

func (b *board) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.instruments[key]
	if !ok || b.stopped {
		return trading.Quote{}, false
	}
	return trading.Quote{
		Exchange: e, Product: key.Product, Symbol: key.Symbol,
		Bid: b.mark, Ask: b.mark.Add(i.TickSize), Mark: b.mark, At: b.now,
	}, true
}

func (b *board) Depth(q trading.Quote, side trading.Side, levels int) iter.Seq2[trading.Price, trading.Qty] {
	return func(yield func(trading.Price, trading.Qty) bool) {
		tick := b.instruments[trading.InstrumentKey{Product: q.Product, Symbol: q.Symbol}].TickSize
		price := q.Touch(side)
		for range levels {
			if !price.IsPositive() || !yield(price, b.level) {
				return
			}
			if side == trading.Buy {
				price = price.Add(tick)
			} else {
				price = price.Sub(tick)
			}
		}
	}
}

// desk is a sink that remembers.
type desk struct {
	mu      sync.Mutex
	reports []trading.Report
	cash    []trading.Cash
	// fail makes taking fail.
	fail error
}

func (d *desk) Record(_ context.Context, r trading.Report) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.reports = append(d.reports, r)
	return nil
}

func (d *desk) BookCash(_ context.Context, c trading.Cash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return d.fail
	}
	d.cash = append(d.cash, c)
	return nil
}

var (
	perpetual = trading.Instrument{
		Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT",
		TickSize: trading.MustPrice("0.1"), StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"),
		MaxQty: trading.MustQty("1190"), MinNotional: trading.MustMoney("5"), MaxLeverage: 100,
		MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.00055"), Maintenance: trading.MustRatio("0.005"),
	}
	spot = trading.Instrument{
		Exchange: trading.Bybit, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT",
		TickSize: trading.MustPrice("0.01"), StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000001"),
		MaxQty: trading.MustQty("83"), MinNotional: trading.MustMoney("5"), MaxLeverage: 1,
		MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
	}
)

const account = trading.AccountID("bybit:paper")

// stage is a paper account with everything around it.
type stage struct {
	*paper.Exchange
	*board
	shelf    *shelf
	desk     *desk
	settings paper.Settings
	mode     trading.PositionMode
	after    func(time.Duration) <-chan time.Time
}

func newStage() *stage {
	s := &stage{
		board: &board{
			now: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), mark: trading.MustPrice("60000"), level: trading.MustQty("1"),
			instruments: map[trading.InstrumentKey]trading.Instrument{perpetual.Key(): perpetual, spot.Key(): spot},
		},
		shelf: newShelf(), desk: &desk{}, mode: trading.OneWay,
	}
	s.restart()
	return s
}

// crash stops the program and starts it again. What was not committed is lost.
func (s *stage) crash() {
	s.shelf = &shelf{rows: s.shelf.rows}
	s.restart()
}

func (s *stage) restart() {
	s.Exchange = paper.New(paper.Config{
		Account: account, Instruments: s.board, Market: s.board, Book: s.shelf, Now: s.clock, After: s.after,
		Mode: func() trading.PositionMode { return s.mode }, Settings: func() paper.Settings { return s.settings },
	})
}

// buy is a market buy of 0.1 BTC perpetual with leverage 10, which fills at one tick above the mark.
func buy(id string) trading.Order {
	return trading.Order{
		ID: trading.OrderID(id), SignalID: trading.SignalID("signal-" + id), Account: account,
		Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("0.1"), Leverage: 10,
	}
}

func sell(id string) trading.Order {
	o := buy(id)
	o.Side = trading.Sell
	return o
}

func limited(o trading.Order, price string) trading.Order {
	o.Type, o.Price = trading.Limit, trading.MustPrice(price)
	return o
}

func (s *stage) place(t testing.TB, o trading.Order) trading.Report {
	t.Helper()
	r, err := s.Submit(t.Context(), o)
	if err != nil {
		t.Fatalf("submit %s: %v", o.ID, err)
	}
	return r
}

func (s *stage) wantBalance(t testing.TB, want, why string) {
	t.Helper()
	had, asset, err := s.Balance(t.Context())
	if err != nil || had.String() != want || asset != "USDT" {
		t.Errorf("balance is %s %s (%v), want %s USDT: %s", had, asset, err, want, why)
	}
}

func (s *stage) only(t testing.TB) trading.Position {
	t.Helper()
	list, err := s.Positions(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("positions are %+v (%v), want one", list, err)
	}
	return list[0]
}

func (s *stage) wantFlat(t testing.TB, why string) {
	t.Helper()
	if list, err := s.Positions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("positions are %+v (%v), want none: %s", list, err, why)
	}
}

// look lets the account see the market and tell its news.
func (s *stage) look(t testing.TB) {
	t.Helper()
	if err := s.Watch(t.Context(), s.desk); err != nil {
		t.Fatalf("watch: %v", err)
	}
}

func (s *stage) at(t testing.TB, mark string) {
	t.Helper()
	s.set(mark)
	s.look(t)
}

func openWorld(t testing.TB) *exchangetest.World {
	s := newStage()
	// Funding is on, so that the books have to count it.
	s.settings.FundingRate = trading.MustRatio("0.0001")
	return &exchangetest.World{
		Adapter: s.Exchange, Account: account, Instrument: perpetual,
		Deposit: paper.DefaultDeposit, Start: trading.MustPrice("60000"), Unit: trading.MustQty("0.01"),
		Price: func(p trading.Price) { s.put(p); s.look(t) },
		Pass:  func(d time.Duration) { s.pass(d); s.look(t) },
		Now:   s.clock,
		Hedge: func() { s.mode = trading.Hedge },
		Restart: func() exchangetest.Adapter {
			s.shelf.commit()
			s.restart()
			return s.Exchange
		},
		Reports: func() []trading.Report { return s.desk.reports },
		Cash:    func() []trading.Cash { return s.desk.cash },
	}
}

func TestPaperKeepsTheContract(t *testing.T) { exchangetest.Run(t, openWorld) }
