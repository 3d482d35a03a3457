//go:build proof

package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// step is one fact of a trading day on its way to the ledger. It is one transaction, or none.
type step struct {
	name string
	do   func(context.Context, *house) error
}

// unopened is a house whose ledger is not open yet.
func unopened(t testing.TB, file string) *house {
	return &house{t: t, file: file, now: noon, topics: map[events.Topic]int{}, touched: map[string]int{}}
}

func (h *house) clock() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }

// signalled is an alert of round n for one order, in the queue or not, on the paper account or a real one.
func signalled(h *house, kind string, n int) trading.Intake {
	in := alert(fmt.Sprintf("%s%d", kind, n))
	in.Signal.ReceivedAt = h.clock()
	in.Deadline = h.clock().Add(time.Minute)
	in.Queue = kind == "queued"
	if kind == "guarded" {
		in.Account = testnet
	}
	return in
}

func idOf(kind string, n int) trading.OrderID {
	return trading.OrderID(fmt.Sprintf("hx1-sig-%s%d-0", kind, n))
}

// day are the facts of one round: what the ledger is asked for while it trades.
func day(n int) []step {
	accept := func(kind string, side trading.Side, qty string, closes bool) step {
		return step{"accept " + kind, func(ctx context.Context, h *house) error {
			in := signalled(h, kind, n)
			o := leg(in, 0, side, qty)
			o.ReduceOnly = closes
			if kind == "guarded" {
				o.Protection.StopLoss = trading.MustPrice("90")
			}
			_, err := h.Admit(ctx, in, yes(in, o))
			return err
		}}
	}
	record := func(kind, fillQty, total string, status trading.OrderStatus, part string) step {
		return step{"record " + kind + part, func(ctx context.Context, h *house) error {
			r := trading.Report{OrderID: idOf(kind, n), ExchangeID: "ex", Status: status, Filled: trading.MustQty(total), At: h.clock()}
			r.Fills = []trading.Fill{fill(fmt.Sprintf("f-%s%d%s", kind, n, part), fillQty, "100", "0.05")}
			r.Fills[0].At = h.clock()
			_, err := h.Record(ctx, r)
			return err
		}}
	}
	on := func(name, kind string, do func(context.Context, *house, trading.OrderID) error) step {
		return step{name + " " + kind, func(ctx context.Context, h *house) error { return do(ctx, h, idOf(kind, n)) }}
	}
	return []step{
		accept("plain", trading.Buy, "2", false),
		record("plain", "1", "1", trading.OrderPartiallyFilled, "a"),
		record("plain", "1", "2", trading.OrderFilled, "b"),
		accept("queued", trading.Buy, "1", false),
		on("arm", "queued", func(ctx context.Context, h *house, id trading.OrderID) error {
			_, err := h.BeginSubmit(ctx, id, h.clock(), free)
			return err
		}),
		on("doubt", "queued", func(ctx context.Context, h *house, id trading.OrderID) error {
			_, err := h.Doubt(ctx, id, "no answer", h.clock(), h.clock().Add(time.Second))
			return err
		}),
		on("settle", "queued", func(ctx context.Context, h *house, id trading.OrderID) error {
			_, err := h.Settle(ctx, id, trading.OrderNotPlaced, "the exchange has no such order", h.clock())
			return err
		}),
		accept("guarded", trading.Buy, "1", false),
		record("guarded", "1", "1", trading.OrderFilled, "a"),
		on("protect", "guarded", func(ctx context.Context, h *house, id trading.OrderID) error {
			g, _, err := h.Guard(ctx, id)
			if err != nil {
				return err
			}
			g.State, g.Covers, g.ConfirmedAt = trading.GuardStanding, trading.MustQty("1"), h.clock()
			return h.SettleGuard(ctx, g, h.clock())
		}),
		accept("closing", trading.Sell, "2", true),
		record("closing", "2", "2", trading.OrderFilled, "a"),
		{"cash", func(ctx context.Context, h *house) error {
			return h.BookCash(ctx, trading.Cash{ID: fmt.Sprintf("funding:%d", n), Account: paper, Kind: trading.CashFunding, Asset: "USDT", Amount: trading.MustMoney("-0.25"), At: h.clock()})
		}},
		{"setting", func(ctx context.Context, h *house) error {
			return h.PutSetting(ctx, "trade:max_order_size", fmt.Sprint(5000+n), "me", h.clock())
		}},
		{"book", func(ctx context.Context, h *house) error {
			h.SaveBook(paper, map[string]string{"wallet": fmt.Sprint(n), fmt.Sprint("order", n): string(make([]byte, 700))}, nil)
			return h.Ping(ctx)
		}},
		accept("queuedtoo", trading.Buy, "1", false),
		{"kill", func(ctx context.Context, h *house) error {
			_, _, err := h.SetStanding(ctx, risk.Standing{State: risk.Halted, Reason: "practice", Actor: "me", Since: h.clock()})
			return err
		}},
		{"release", func(ctx context.Context, h *house) error {
			_, _, err := h.SetStanding(ctx, risk.Standing{State: risk.Active, Actor: "me", Since: h.clock()})
			return err
		}},
		record("queuedtoo", "1", "1", trading.OrderFilled, "a"),
		{"close queuedtoo", func(ctx context.Context, h *house) error {
			in := signalled(h, "flat", n)
			o := leg(in, 0, trading.Sell, "1")
			o.ReduceOnly = true
			if _, err := h.Admit(ctx, in, yes(in, o)); err != nil {
				return err
			}
			return nil
		}},
		record("flat", "1", "1", trading.OrderFilled, "a"),
		{"free keys", func(ctx context.Context, h *house) error {
			_, err := h.FreeKeys(ctx, sqlite.Ripe{UpTo: 1 << 40, Before: h.clock().Add(time.Hour)}, 0, h.clock())
			return err
		}},
		{"use a key again", func(ctx context.Context, h *house) error {
			in := signalled(h, "plain", n)
			in.Signal.ID = trading.SignalID(fmt.Sprintf("sig-plain%d-again", n))
			r, err := h.Admit(ctx, in, func(risk.Book) risk.Decision { return risk.End(trading.SignalNoOp, "") })
			if err == nil && r.Duplicate {
				err = fmt.Errorf("the key that was set free is still that of %s", r.Signal)
			}
			return err
		}},
	}
}

// upkeep is what happens to the file between two rounds without changing what it says.
func upkeep(n int) step {
	return step{"upkeep", func(ctx context.Context, h *house) error {
		switch n % 4 {
		case 0:
			return sqlite.Alter(ctx, h.file, `PRAGMA wal_checkpoint(TRUNCATE)`)
		case 1:
			_, err := h.Backup(ctx, filepath.Join(filepath.Dir(h.file), "backups"))
			return err
		case 2:
			return sqlite.Alter(ctx, h.file, `PRAGMA wal_checkpoint(PASSIVE)`)
		}
		if err := h.DB.Close(); err != nil {
			return err
		}
		db, err := sqlite.Open(ctx, h.file, h.options())
		if err == nil {
			h.DB = db
		}
		return err
	}}
}
