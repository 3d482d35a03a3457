package app

import (
	"context"
	"log/slog"
	"time"

	"hoox/backend/audit"
	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/queue"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// longestHistory bounds how many changes of one setting are shown.
const longestHistory = 200

// houseOf introduces the services to a node. Every call ends when base does.
func houseOf(base context.Context, n *node.Node, log *slog.Logger) *house {
	return &house{
		base: base, log: log, now: n.Now, version: version, dataDir: n.Config.DataDir, market: n.Config.Paper.Market,
		book: ledgerBook{n.Store, n}, desk: n.Desk, line: orderLine{n}, kill: n.Switch, prices: boardOf{n}, vault: n.Vault,
		settings: n.Settings, hub: n.Hub, keeper: ledgerKeeper{n}, pledges: ledgerKeeper{n}, jobs: jobStore{n}, requeues: n, money: moneyOf{n}, pulse: pulseOf{n},
		accounts: n, keeping: n, strategies: n.Store, hooks: n, tunnels: n, keyLabel: n.KeyLabel, alertLog: n.CompareAlertLog, drifts: n.Engine, preview: n.PreviewAlert, compared: n.Compared, holdings: n.Store, mode: n.Mode, switchMode: n.SwitchMode, flatten: n.Flatten, gateway: n.GatewayAddr,
		unlocked: n.Unlocked, secretChanged: n.SecretChanged, mayForget: n.MayForget,
		auditor: n.Store, alarms: n.Store, refused: n.Refused, auditBroken: n.AuditBroken, channels: n.Bell.States,
	}
}

// boardOf reads the board for an account.
type boardOf struct{ n *node.Node }

func (b boardOf) Instrument(a trading.AccountID, key trading.InstrumentKey) (trading.Instrument, bool) {
	return b.n.Market.Instrument(market.VenueOf(a), key)
}

func (b boardOf) Quote(a trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool) {
	return b.n.Market.Quote(market.VenueOf(a), key)
}

// ledgerBook reads the ledger, and positions with what only their exchange knows of them.
type ledgerBook struct {
	*sqlite.DB
	n *node.Node
}

// Positions are the open ones.
func (b ledgerBook) Positions(ctx context.Context) ([]trading.Position, error) { return b.n.Held(ctx) }

// orderLine joins reading and cancelling an order.
type orderLine struct{ n *node.Node }

func (o orderLine) Order(ctx context.Context, id trading.OrderID) (trading.Order, error) {
	return o.n.Store.Order(ctx, id)
}

func (o orderLine) Cancel(ctx context.Context, id trading.OrderID, actor string) (trading.Order, error) {
	return o.n.Engine.Cancel(ctx, id, actor)
}

func (o orderLine) Settle(ctx context.Context, id trading.OrderID, as trading.OrderStatus, reason, actor string) (trading.Order, error) {
	return o.n.Engine.Settle(ctx, id, as, reason, actor)
}

type ledgerKeeper struct{ n *node.Node }

func (k ledgerKeeper) Ping(ctx context.Context) error { return k.n.Store.Ping(ctx) }

func (k ledgerKeeper) InDoubt(ctx context.Context) ([]trading.Order, error) {
	return k.n.Store.InDoubt(ctx)
}

func (k ledgerKeeper) Changed(ctx context.Context) (map[string]change, error) {
	stored, err := k.n.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	changed := make(map[string]change, len(stored))
	for key, s := range stored {
		changed[key] = change{s.UpdatedAt, s.Actor}
	}
	return changed, nil
}

// History tells what each change came from: the change before it, or the default.
func (k ledgerKeeper) History(ctx context.Context, key string) ([]SettingChange, error) {
	s, err := k.n.Settings.Find(key)
	if err != nil {
		return nil, err
	}
	list, err := k.n.Store.SettingHistory(ctx, key, longestHistory)
	if err != nil {
		return nil, err
	}
	changes := make([]SettingChange, 0, len(list))
	for i, c := range list {
		from := s.Default
		if i+1 < len(list) {
			from = list[i+1].Value
		}
		changes = append(changes, SettingChange{At: when(c.At), Actor: c.Actor, From: from, To: c.Value})
	}
	return changes, nil
}

func (k ledgerKeeper) Change(ctx context.Context, key, value, actor string) error {
	return k.n.ChangeSetting(ctx, key, value, actor)
}

func (k ledgerKeeper) Note(ctx context.Context, act audit.Action, key, value, actor string) error {
	return k.n.NoteSetting(ctx, act, key, value, actor)
}

type jobStore struct{ n *node.Node }

func (j jobStore) JobList(ctx context.Context, p trading.Page) (list []queue.Job, next string, waiting, dead int, err error) {
	return j.n.Store.JobList(ctx, p)
}

func (j jobStore) RetryJob(ctx context.Context, id trading.JobID, at time.Time) error {
	return j.n.Store.RetryJob(ctx, id, at)
}

func (j jobStore) DiscardJob(ctx context.Context, id trading.JobID) error {
	return j.n.Store.DiscardJob(ctx, id)
}

func (j jobStore) Wake() { j.n.Engine.Wake() }

type moneyOf struct{ n *node.Node }

func (m moneyOf) Equity(ctx context.Context) ([]node.AccountMoney, error) { return m.n.Equity(ctx) }

func (m moneyOf) Curve(ctx context.Context, since time.Time, most int) ([]trading.EquityPoint, error) {
	return m.n.Store.Equity(ctx, since, most)
}

func (m moneyOf) Day(ctx context.Context, since time.Time) (map[trading.AccountID]trading.DayTotals, error) {
	return m.n.Store.Day(ctx, since)
}

type pulseOf struct{ n *node.Node }

func (p pulseOf) Health(ctx context.Context) []PartHealth {
	return each(p.n.Health(ctx), partHealth)
}

func partHealth(part node.Part) PartHealth {
	return PartHealth{
		Name: part.Name, State: part.State, Detail: part.Detail, LatencyMicros: part.Latency.Microseconds(),
		CheckedAt: when(part.CheckedAt), Fix: part.Fix,
	}
}

func (p pulseOf) LastAnswer() time.Duration { return p.n.LastAnswer() }

func (p pulseOf) Flushes() uint64 { return p.n.Store.Flushes() }

func (p pulseOf) LastSignalAt(ctx context.Context) (time.Time, error) {
	at, _, err := p.n.Store.LastSignalAt(ctx)
	return at, err
}
