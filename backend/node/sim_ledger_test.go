package node_test

import (
	"context"
	"time"

	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// ledgerAt is the real ledger with an edge before and after every call that writes, and a little time for each, so that
// no two happen at the same moment.
type ledgerAt struct {
	*sqlite.DB
	l *life
}

// at is one call of the ledger.
func at[T any](b ledgerAt, name, subject string, call func() (T, error)) (T, error) {
	b.l.edge("before " + name)
	b.l.w.wait(name+subject, time.Microsecond, 997*time.Microsecond)
	b.l.alive()
	v, err := call()
	b.l.edge("after " + name)
	return v, err
}

func only(call func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, call() }
}

func (b ledgerAt) Admit(ctx context.Context, in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error) {
	return at(b, "admit", in.Key, func() (trading.Receipt, error) { return b.DB.Admit(ctx, in, decide) })
}

func (b ledgerAt) BeginSubmit(ctx context.Context, id trading.OrderID, now time.Time, look func(risk.Book, trading.Order) (trading.OrderStatus, string, bool)) (trading.Order, error) {
	return at(b, "begin submit", string(id), func() (trading.Order, error) { return b.DB.BeginSubmit(ctx, id, now, look) })
}

func (b ledgerAt) Record(ctx context.Context, r trading.Report) (trading.Order, error) {
	return at(b, "record", string(r.OrderID), func() (trading.Order, error) { return b.DB.Record(ctx, r) })
}

func (b ledgerAt) Doubt(ctx context.Context, id trading.OrderID, reason string, now, resolveAt time.Time) (trading.Order, error) {
	return at(b, "doubt", string(id), func() (trading.Order, error) { return b.DB.Doubt(ctx, id, reason, now, resolveAt) })
}

func (b ledgerAt) Return(ctx context.Context, id trading.OrderID, reason string, now, runAt time.Time) (trading.Order, error) {
	return at(b, "return", string(id), func() (trading.Order, error) { return b.DB.Return(ctx, id, reason, now, runAt) })
}

func (b ledgerAt) Settle(ctx context.Context, id trading.OrderID, to trading.OrderStatus, reason string, now time.Time) (trading.Order, error) {
	return at(b, "settle", string(id), func() (trading.Order, error) { return b.DB.Settle(ctx, id, to, reason, now) })
}

func (b ledgerAt) AskCancel(ctx context.Context, id trading.OrderID, actor string, now time.Time) error {
	_, err := at(b, "ask cancel", string(id), only(func() error { return b.DB.AskCancel(ctx, id, actor, now) }))
	return err
}

func (b ledgerAt) SettleGuard(ctx context.Context, g trading.Guard, now time.Time) error {
	_, err := at(b, "settle guard", string(g.Order), only(func() error { return b.DB.SettleGuard(ctx, g, now) }))
	return err
}

func (b ledgerAt) Rearm(ctx context.Context, id trading.OrderID, now time.Time) error {
	_, err := at(b, "rearm", string(id), only(func() error { return b.DB.Rearm(ctx, id, now) }))
	return err
}

func (b ledgerAt) Due(ctx context.Context, now time.Time, limit int) ([]queue.Job, error) {
	if b.l.dead.Load() {
		return nil, ctx.Err()
	}
	return b.DB.Due(ctx, now, limit)
}

func (b ledgerAt) Finish(ctx context.Context, id trading.JobID) error {
	b.l.edge("before finish")
	err := b.DB.Finish(ctx, id)
	b.l.edge("after finish")
	return err
}

func (b ledgerAt) Postpone(ctx context.Context, id trading.JobID, runAt time.Time, why string) error {
	b.l.edge("before postpone")
	err := b.DB.Postpone(ctx, id, runAt, why)
	b.l.edge("after postpone")
	return err
}

func (b ledgerAt) Bury(ctx context.Context, id trading.JobID, why string) error {
	b.l.edge("before bury")
	b.l.w.violated("I2", "job %s was given up: %s", id, why)
	return b.DB.Bury(ctx, id, why)
}

// promptly is the ledger for the switch, whose calls are made under a lock and so take no virtual time.
type promptly struct{ ledgerAt }

func (p promptly) SetStanding(ctx context.Context, s risk.Standing) (int, []trading.Order, error) {
	p.l.edge("before standing")
	n, resting, err := p.DB.SetStanding(ctx, s)
	p.l.edge("after standing")
	return n, resting, err
}

func (p promptly) AskCancel(ctx context.Context, id trading.OrderID, actor string, now time.Time) error {
	p.l.edge("before ask cancel")
	err := p.DB.AskCancel(ctx, id, actor, now)
	p.l.edge("after ask cancel")
	return err
}

// killAt is the kill file with its edges.
type killAt struct {
	*objects.KillFile
	l *life
}

func (k killAt) Write(s risk.Standing) error {
	k.l.edge("before kill file")
	err := k.KillFile.Write(s)
	k.l.edge("after kill file")
	return err
}

func (k killAt) Remove() error {
	k.l.edge("before no kill file")
	err := k.KillFile.Remove()
	k.l.edge("after no kill file")
	return err
}
