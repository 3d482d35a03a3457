package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"hoox/backend/trading"
)

// Config says where the gateway listens and how long it lets an alert wait.
type Config struct {
	// Listen is host and port; port 0 picks a free one.
	Listen string
	// AnswerBudget is how long an alert waits for its outcome before it is answered 202. Zero means 2 s; it is cut to
	// LongestBudget, because TradingView hangs up at 3 s.
	AnswerBudget time.Duration
	// TrustedClientIPHeader names the header in which a proxy of one's own puts the client's address; "" for none. It is
	// believed only on connections from this computer that came to Listen. A tunnel's connections say themselves what is to be
	// believed.
	TrustedClientIPHeader string
}

// desk admits signals. It must store the signal before it returns without an error, and an error must mean that the
// caller may send the alert again.
type desk interface {
	Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error)
}

// outcomes tells what became of signals.
type outcomes interface {
	// Await returns a channel that is closed at the next change of a signal, and its cancel.
	Await(id trading.SignalID) (<-chan struct{}, func())
	// Signal is the signal as it stands, with its orders; NotFound when there is none.
	Signal(ctx context.Context, id trading.SignalID) (trading.SignalRecord, error)
	// Answered notes the HTTP status and the body that a signal was first answered with. It must not wait.
	Answered(id trading.SignalID, status int, body []byte)
	// Delivered counts a repeat of a known signal. It must not wait.
	Delivered(id trading.SignalID)
	// Conflicted notes that the key of a signal came with other content. It must not wait.
	Conflicted(id trading.SignalID)
}

// Parts is what the gateway works with. Desk, Outcomes, Rules, Health and Now are needed, the rest may be nil.
type Parts struct {
	Desk     desk
	Outcomes outcomes
	// Rules is called for every request and must not wait.
	Rules func() Rules
	// Seen hears of each request that a key let in, and from where; the address is zero when it cannot be told. It must not
	// wait.
	Seen func(key Key, from netip.Addr, at time.Time)
	// Health asks store, settings and queue.
	Health func(ctx context.Context) Health
	// Ready is nil once alerts can be taken, and says what is missing before ("starting", "locked").
	Ready func() error
	// Halted tells whether the kill switch is on at this moment: a repeat of a blocked alert is blocked again then.
	Halted func() bool
	// Door is where the connections of tunnels come out, made anew for each run; nil when there are none. One that has a method
	// ClientIPHeader is believed that header and no other.
	Door func() net.Listener
	// Probe tells whether a nonce was issued by this instance in the last 60 s.
	Probe func(nonce string) bool
	// Refused hears of every alert that was turned away for its key or its address. It must not wait.
	Refused func(knownKey bool, client netip.Addr)
	// WhyNotNotify tells why the message that an alert asks for will not be sent to a chat, "" when it will.
	WhyNotNotify func(chat string) string
	// Hook takes what Telegram posts: the secret of its header and the body. It returns the status of the answer, whose body is empty.
	Hook func(ctx context.Context, secret string, body []byte) int
	Now  func() time.Time
	Log  *slog.Logger
}

// limits are what a connection may cost; all are fixed but for tests.
type limits struct {
	readHeader, read, write, idle time.Duration
	headerBytes, connections      int
	// answer is the longest that any alert waits, grace the longest that a stop waits for answers on their way.
	answer, grace time.Duration
}

var standard = limits{
	readHeader: 2 * time.Second, read: 5 * time.Second, write: 10 * time.Second, idle: 30 * time.Second,
	headerBytes: 8 << 10, connections: 256, answer: 2400 * time.Millisecond, grace: 3 * time.Second,
}

const defaultBudget = 2 * time.Second

// LongestBudget is the longest AnswerBudget; a longer one is cut to it.
const LongestBudget = 2300 * time.Millisecond

// Gateway is the public listener. Safe for concurrent use.
type Gateway struct {
	config Config
	parts  Parts
	limits limits
	pace   pace
	// asking bounds the health questions that strangers can cause.
	asking chan struct{}
	// strangers, outsiders and ill bound the log lines about refused callers, about keys that ask for what they may not, and
	// about bad health.
	strangers, outsiders, ill quiet
	// admitting counts admissions under way, which outlive a client that hangs up.
	admitting sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	address  string
}

// New makes a gateway that does not listen yet.
func New(c Config, p Parts) *Gateway {
	if c.AnswerBudget <= 0 {
		c.AnswerBudget = defaultBudget
	}
	c.AnswerBudget = min(c.AnswerBudget, LongestBudget)
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Gateway{config: c, parts: p, limits: standard, asking: make(chan struct{}, 4)}
}

// Listen opens the port and returns its address. A second call returns the same. Clients wait until Serve. It fails with
// Unavailable when the port is taken.
func (g *Gateway) Listen(ctx context.Context) (net.Addr, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.listener != nil {
		return g.listener.Addr(), nil
	}
	// After a restart under a supervisor the port must stay what the tunnel was told.
	where := g.address
	if where == "" {
		where = g.config.Listen
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", where)
	if err != nil {
		return nil, trading.Wrap(trading.Unavailable, err, "listen for alerts on "+where)
	}
	g.listener, g.address = l, l.Addr().String()
	return l.Addr(), nil
}

// Addr is host and port once Listen has succeeded, "" before.
func (g *Gateway) Addr() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.address
}

// Serve answers until ctx ends, then lets answers on their way finish; it returns nil after such a stop. It listens
// first if nobody has. It may be called again after it returned, and listens on the same port then.
func (g *Gateway) Serve(ctx context.Context) error {
	if _, err := g.Listen(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	l := g.listener
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.listener = nil
		g.mu.Unlock()
		g.admitting.Wait()
	}()
	srv := g.server(ctx)
	stopped := make(chan error, 2)
	var serving sync.WaitGroup
	defer serving.Wait()
	serve := func(l net.Listener, what string) {
		serving.Go(func() {
			stopped <- trading.Wrap(trading.Unavailable, srv.Serve(Bounded(l, g.limits.connections)), what)
		})
	}
	serve(l, "serve alerts on "+g.Addr())
	if g.parts.Door != nil {
		// A bound of its own: a flood from outside keeps nobody of this computer out.
		serve(g.parts.Door(), "serve alerts from the tunnel")
	}
	select {
	case err := <-stopped:
		_ = srv.Close() // one way in is gone; connections on the other must not outlive us
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.limits.grace)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		_ = srv.Close() // what has not finished by now is a client that dawdles
	}
	return nil
}

func (g *Gateway) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:                      g,
		ReadHeaderTimeout:            g.limits.readHeader,
		ReadTimeout:                  g.limits.read,
		WriteTimeout:                 g.limits.write,
		IdleTimeout:                  g.limits.idle,
		MaxHeaderBytes:               g.limits.headerBytes,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(g.parts.Log.Handler(), slog.LevelDebug),
		// Stopping must not cancel an admission that is under way.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ConnContext: Seat,
	}
}
