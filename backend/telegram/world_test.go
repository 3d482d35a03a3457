package telegram_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/chat"
	"hoox/backend/telegram"
	"hoox/backend/telegram/telegramsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "123456789:AAcanary-5f0e-never-in-a-text-anywhere"
	second = "987654321:BBcanary-another-token-that-is-a-secret"
	secret = "a-secret_of-our-own"
	ann    = int64(1001)
	bob    = int64(1002)
	crowd  = int64(-1005)
)

// friend tells whether somebody is one of nine more people who are paired.
func friend(user int64) bool { return user > 2000 && user < 2010 }

// crew is who the bot obeys, and what it was asked.
type crew struct {
	mu     sync.Mutex
	obeyed []string
	broken []string
	// obey does what is asked for; nil says so and no more.
	obey func(ctx context.Context, u chat.Update) chat.Answer
}

func (c *crew) Knows(u chat.Update) bool {
	return (u.User == ann || u.User == bob || friend(u.User)) && (u.Chat == u.User || u.Chat == crowd)
}

func (c *crew) Urgent(u chat.Update) bool {
	return strings.HasPrefix(u.Words, "/kill_on") || u.Button == "halt"
}

func (c *crew) Obey(ctx context.Context, u chat.Update) chat.Answer {
	c.mu.Lock()
	c.obeyed = append(c.obeyed, u.Words+u.Button)
	obey := c.obey
	c.mu.Unlock()
	if obey != nil {
		return obey(ctx, u)
	}
	return chat.Answer{State: chat.Done, Detail: "did " + u.Words + u.Button, Messages: []chat.Message{{Chat: u.Chat, HTML: "did " + chat.Escape(u.Words+u.Button)}}}
}

func (c *crew) Interrupted(_ context.Context, u chat.Update) chat.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = append(c.broken, u.Words+u.Button)
	return chat.Answer{State: chat.BrokenOff, Messages: []chat.Message{{Chat: u.Chat, HTML: "unknown: " + chat.Escape(u.Words)}}}
}

func (c *crew) did() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.obeyed...)
}

func (c *crew) setObey(obey func(ctx context.Context, u chat.Update) chat.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.obey = obey
}

// world is a bot, its people, its store and its server, in simulated time.
type world struct {
	*testing.T
	sim     *telegramsim.Server
	store   *memory
	crew    *crew
	client  *telegram.Client
	postman *telegram.Postman
	runner  *telegram.Runner
	log     *words

	token, public atomic.Value
	mode          atomic.Value
	keep          time.Duration
	// odd makes the postman's question for it fail as it should not, away makes every dial fail, which
	// dials counts.
	odd   bool
	away  atomic.Bool
	dials atomic.Int32
	menus func(ctx context.Context) ([]telegram.Menu, error)
	stop  func()
}

// words is a log that may be read while it is written.
type words struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// play runs a test in simulated time. Nothing serves before start.
func play(t *testing.T, config telegramsim.Config, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, store: newMemory(), crew: &crew{}, log: &words{}, keep: 24 * time.Hour}
		config.Token, config.Now = token, time.Now
		config.Post = w.gateway
		w.token.Store(token)
		w.public.Store("")
		w.mode.Store(telegram.Poll)
		w.sim = telegramsim.New(context.Background(), config)
		for _, id := range []int64{ann, bob, crowd} {
			w.sim.Start(id)
		}
		w.build(t)
		test(w)
		w.end()
		w.client.Close()
		w.sim.Close()
	})
}

// build makes a bot on the store as it is, as a start of the program does.
func (w *world) build(t *testing.T) {
	t.Helper()
	client, err := telegram.NewClient(telegram.ClientConfig{
		APIURL: telegramsim.Origin, Token: func() string { return w.token.Load().(string) }, Now: time.Now,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if w.away.Load() {
				w.dials.Add(1)
				return nil, &net.DNSError{Err: "no such host", Name: "api.telegram.org"}
			}
			return w.sim.Dial(ctx, network, address)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.client != nil {
		w.client.Close()
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	// The longest pause there can be.
	jitter := func(most time.Duration) time.Duration { return most - 1 }
	w.client = client
	w.postman = telegram.NewPostman(telegram.PostmanParts{
		Client: client, Outbox: w.store, Keep: w.age, Jitter: jitter, Now: time.Now, Log: log,
	})
	w.runner = telegram.NewRunner(telegram.Parts{
		Client: client, Postman: w.postman, Updates: w.store, Handler: w.crew, Jitter: jitter, Now: time.Now, Log: log,
		Mode:   func() telegram.Mode { return w.mode.Load().(telegram.Mode) },
		Public: func() string { return w.public.Load().(string) },
		Secret: func() string { return secret },
		Menus: func(ctx context.Context) ([]telegram.Menu, error) {
			if w.menus == nil {
				return nil, nil
			}
			return w.menus(ctx)
		},
	})
}

func (w *world) age() time.Duration {
	if w.odd {
		panic("no such setting")
	}
	return w.keep
}

// start serves and waits until everything is quiet.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		if err := w.runner.Serve(ctx); err != nil {
			w.Errorf("the runner ended with %v", err)
		}
	})
	work.Go(func() {
		if err := w.postman.Serve(ctx); err != nil {
			w.Errorf("the postman ended with %v", err)
		}
	})
	w.stop = func() { cancel(); work.Wait() }
	synctest.Wait()
}

// end stops what serves.
func (w *world) end() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// again is an end of the program and a new start on the same store.
func (w *world) again() {
	w.end()
	w.build(w.T)
	w.start()
}

// pass lets simulated time pass.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// heard lists what was sent to a chat, in order.
func (w *world) heard(id int64) []string {
	var list []string
	for _, m := range w.sim.Sent() {
		if m.Chat == id {
			list = append(list, m.Text)
		}
	}
	return list
}

// gateway is the public listener: it takes what Telegram posts to the address that is up.
func (w *world) gateway(ctx context.Context, url, secret string, body []byte) (int, error) {
	if url != w.public.Load().(string)+telegram.HookPath {
		return 404, nil
	}
	return w.runner.Webhook(ctx, secret, body), nil
}

func (w *world) phase(want telegram.Phase, why string) telegram.State {
	w.Helper()
	s := w.runner.State()
	if s.Phase != want {
		w.Errorf("the phase is %s (%s), want %s: %s", s.Phase, s.Detail, want, why)
	}
	return s
}
