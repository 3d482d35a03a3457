package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"hoox/backend/admission"
	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/execution"
	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/strategy"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// callBudget bounds one call; it ends before the HTTP server gives up on writing the answer.
const callBudget = 9 * time.Second

// outcomeBudget is how long an act waits to see how it ended.
const outcomeBudget = 2 * time.Second

// book reads the ledger.
type book interface {
	Signals(ctx context.Context, p trading.Page) ([]trading.SignalRecord, string, error)
	Signal(ctx context.Context, id trading.SignalID) (trading.SignalRecord, error)
	Orders(ctx context.Context, p trading.Page) ([]trading.Order, string, error)
	Fills(ctx context.Context, p trading.Page) ([]trading.Fill, string, error)
	Positions(ctx context.Context) ([]trading.Position, error)
}

// desk takes signals in, and tells what one would do.
type desk interface {
	Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error)
	Preview(ctx context.Context, s trading.Signal) (admission.Preview, error)
}

// line is what can be asked of an order that is on its way.
type line interface {
	Order(ctx context.Context, id trading.OrderID) (trading.Order, error)
	Cancel(ctx context.Context, id trading.OrderID, actor string) (trading.Order, error)
	Settle(ctx context.Context, id trading.OrderID, as trading.OrderStatus, reason, actor string) (trading.Order, error)
}

// killSwitch is the trading state.
type killSwitch interface {
	Standing() risk.Standing
	Set(ctx context.Context, next risk.Standing) error
	Progress(ctx context.Context) ([]execution.Progress, error)
}

// prices knows instruments and what they are worth now.
type prices interface {
	Instrument(a trading.AccountID, key trading.InstrumentKey) (trading.Instrument, bool)
	Quote(a trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool)
}

// auditor keeps who did what.
type auditor interface {
	Audit(ctx context.Context, e audit.Entry) error
	AuditLines(ctx context.Context, p audit.Page) ([]audit.Entry, string, error)
	AuditLine(ctx context.Context, seq int64) (audit.Entry, error)
	AuditAfter(ctx context.Context, seq int64, p audit.Page) ([]audit.Entry, error)
	CheckAudit(ctx context.Context, newest int64) (audit.Check, error)
}

// alarms are what must not be missed.
type alarms interface {
	Alarms(ctx context.Context, p alarm.Page) ([]alarm.Alarm, string, error)
	AcknowledgeAlarm(ctx context.Context, id int64, actor string, at time.Time) (alarm.Alarm, error)
	TestAlarm(ctx context.Context, a alarm.Alarm, actor string, at time.Time) (alarm.Alarm, error)
}

// house is what the services work with. It is made once; a service that is called before the house is open answers that
// the program is starting.
type house struct {
	// base ends when the program stops; every call is under it, because requests carry no context of their own.
	base    context.Context
	log     *slog.Logger
	now     func() time.Time
	version string
	dataDir string
	market  string
	// mute takes the secrets that are known out of a fault before it crosses; nil for nothing. See clean, which cuts more.
	mute func(Fault) Fault

	book       book
	desk       desk
	line       line
	kill       killSwitch
	prices     prices
	vault      *vault.Vault
	settings   *settings.Live
	hub        *events.Hub
	keeper     keeper
	pledges    pledges
	jobs       jobs
	requeues   requeues
	money      money
	accounts   accounts
	keeping    accountKeeper
	strategies strategies
	hooks      webhookKeys
	drifts     drifts
	pulse      pulse
	tunnels    tunnels
	auditor    auditor
	alarms     alarms
	holdings   holdings
	manners    *manners
	// bot is nil when the file of chats cannot be opened.
	bot       *bot
	chats     chatBook
	messenger messenger

	// sessions are the browsers that are signed in, keys who else may come in.
	sessions *sessions
	keys     *keyring
	// rotate makes another internal key and shuts out who has the old one.
	rotate func() error
	// clean cuts secrets, and what looks like one, out of a text that is kept.
	clean func(string) string
	// knows tells whether clean knows every secret of the vault.
	knows func() bool
	// refused writes down that somebody was turned away, auditBroken alarms about the audit, and channels tells how alarms arrive.
	refused     func(e audit.Entry)
	auditBroken func(wrong string)
	channels    func() []alarm.State

	// keyLabel is what a person calls the webhook key of a signal, "" for another credential.
	keyLabel func(credential string) string
	// alertLog finds the alerts of a log that TradingView exported which never came in.
	alertLog func(ctx context.Context, file io.Reader) (node.AlertLog, error)
	// mode is the mode of one exchange.
	mode func(trading.Exchange) trading.Mode
	// preview is what an alert would do with a strategy as it is being edited.
	preview func(ctx context.Context, draft strategy.Strategy, alert []byte) (admission.Preview, error)
	// compared tells when each real account was last compared with its exchange.
	compared func() []node.Comparison
	// switchMode switches it.
	switchMode func(ctx context.Context, e trading.Exchange, m trading.Mode, actor string) error
	// unlocked brings into force what a vault that was unlocked gives.
	unlocked func(ctx context.Context) error
	// secretChanged brings a secret into force that was set or deleted.
	secretChanged func(name string) error
	// mayForget tells why a secret must stay, nil when it may be deleted.
	mayForget func(ctx context.Context, name string) error
	// flatten cancels everything and closes everything, of one exchange or ("") of all.
	flatten func(ctx context.Context, e trading.Exchange, source trading.Source, actor, key string) ([]node.Step, error)
	// gateway is the host and port that the gateway listens on.
	gateway func() string
}

// answer runs one call: bounded in time, with a panic turned into a fault and every error into what may cross the glass.
func answer[A any](h *house, what string, do func(ctx context.Context) (A, error)) (a A, err error) {
	ctx, cancel := context.WithTimeout(h.base, callBudget)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			var none A
			a, err = none, h.fail(what, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	a, err = do(ctx)
	if err != nil {
		var none A
		return none, h.fail(what, err)
	}
	return a, nil
}

// fail logs what a person cannot mend from the message alone and returns what crosses.
func (h *house) fail(what string, err error) error {
	kind := trading.KindOf(err)
	if kind != trading.Internal && kind != trading.Unavailable && kind != trading.Unknown {
		return &failure{h.fault(err, "")}
	}
	ref := newRef()
	h.log.Error(what, "ref", ref, "error", err)
	return &failure{h.fault(err, ref)}
}

// fault reads an error as what may cross.
func (h *house) fault(err error, ref string) Fault {
	f := faultOf(err, ref)
	if h.mute != nil {
		f = h.mute(f)
	}
	return f
}

// outcome waits a little for a signal to end and returns it as it then stands.
func (h *house) outcome(ctx context.Context, id trading.SignalID) (trading.SignalRecord, error) {
	limit := time.NewTimer(outcomeBudget)
	defer limit.Stop()
	return h.ended(ctx, id, limit.C)
}

// ended waits for a signal to end, until limit at the latest.
func (h *house) ended(ctx context.Context, id trading.SignalID, limit <-chan time.Time) (trading.SignalRecord, error) {
	for {
		touched, cancel := h.hub.Await(string(id))
		record, err := h.book.Signal(ctx, id)
		if err != nil || record.Status.Final() || record.Status == trading.SignalNeedsReview {
			cancel()
			return record, err
		}
		select {
		case <-touched:
			cancel()
		case <-limit:
			cancel()
			return record, nil
		case <-ctx.Done():
			cancel()
			return record, nil
		}
	}
}

// overall is the one word for the whole house: as soon as one exchange moves real money, everything says so.
func (h *house) overall() trading.Mode {
	worst := trading.ModePaper
	for _, e := range trading.Exchanges() {
		switch h.mode(e) {
		case trading.ModeLive:
			return trading.ModeLive
		case trading.ModeTestnet:
			worst = trading.ModeTestnet
		case trading.ModePaper:
		}
	}
	return worst
}
