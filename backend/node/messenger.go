package node

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"hoox/backend/chat"
	"hoox/backend/events"
	"hoox/backend/notify"
	"hoox/backend/sqlite"
	"hoox/backend/telegram"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
	"hoox/backend/vault"
)

// The vault's names of what the bot needs.
const (
	// BotToken is what @BotFather gave.
	BotToken = "TG_BOT_TOKEN_BINDING"
	// HookSecret is what Telegram proves itself with when it posts updates.
	HookSecret = "TELEGRAM_SECRET_TOKEN"
)

const (
	// messengerLook is how often token, settings and public address are held against what the bot goes by.
	messengerLook = time.Second
	// purgePause is how often old messages are forgotten.
	purgePause = time.Hour
)

// Messenger is the line to Telegram: what comes, what goes, and what happens that is worth a message. It is a door like the
// gateway: it runs beside the core, and the core does not know it.
type Messenger struct {
	n *Node
	// Chats keeps what is said; nil when its file cannot be opened, and wrong is why.
	Chats *sqlite.Chats
	wrong error

	client  *telegram.Client
	postman *telegram.Postman
	runner  *telegram.Runner
	// Teller makes messages of facts.
	Teller *notify.Teller
	front  front
	purge  func(ctx context.Context, before time.Time) error
}

// front is the handler of a bot, given once by whoever has the services. Before, nobody is known.
type front struct {
	handler atomic.Pointer[telegram.Handler]
}

func (f *front) Knows(u chat.Update) bool {
	h := f.handler.Load()
	return h != nil && (*h).Knows(u)
}

func (f *front) Urgent(u chat.Update) bool { return (*f.handler.Load()).Urgent(u) }

func (f *front) Obey(ctx context.Context, u chat.Update) chat.Answer {
	return (*f.handler.Load()).Obey(ctx, u)
}

func (f *front) Interrupted(ctx context.Context, u chat.Update) chat.Answer {
	return (*f.handler.Load()).Interrupted(ctx, u)
}

// MessengerParts are what the bot needs of the room above.
type MessengerParts struct {
	Handler telegram.Handler
	// Menus are the commands that chats are shown.
	Menus func(ctx context.Context) ([]telegram.Menu, error)
	// Summary is the day in words.
	Summary func(ctx context.Context) (string, error)
	// Draw makes the picture of an order that filled.
	Draw func(ctx context.Context, o trading.Order, fills []trading.Fill) ([]byte, error)
	// Clean cuts secrets out of a text.
	Clean func(string) string
	// Purge forgets what is older than a moment beside the messages: files that people sent.
	Purge func(ctx context.Context, before time.Time) error
}

// openMessenger opens the file of chats and makes the bot. A file that cannot be opened stops nothing else: Health tells it. It
// fails with Invalid for a configuration that cannot be.
func (n *Node) openMessenger(ctx context.Context) error {
	m := &Messenger{n: n}
	n.Messenger = m
	var err error
	if m.client, err = telegram.NewClient(telegram.ClientConfig{APIURL: n.Config.Telegram.APIURL, Token: m.token, Now: n.Now, Dial: n.Config.Dial}); err != nil {
		return err
	}
	if m.Chats, m.wrong = sqlite.OpenChats(ctx, filepath.Join(n.Config.DataDir, "chat.db"), n.Now); m.wrong != nil {
		n.Log.Error("the file of chats cannot be opened: nothing is taken or told by messenger", "error", m.wrong)
	}
	return nil
}

// Attend gives the bot what it answers with. Call it once, before Serve.
func (m *Messenger) Attend(p MessengerParts) {
	if m.Chats == nil {
		return
	}
	n := m.n
	m.front.handler.Store(&p.Handler)
	changed := func() { n.publish(events.Health, events.Chats) }
	m.postman = telegram.NewPostman(telegram.PostmanParts{Client: m.client, Outbox: m.Chats, Changed: changed, Now: n.Now, Log: n.Log})
	m.runner = telegram.NewRunner(telegram.Parts{
		Client: m.client, Postman: m.postman, Updates: m.Chats, Handler: &m.front, Mode: m.mode, Public: m.public, Secret: m.secret, Menus: p.Menus,
		Changed: changed, Now: n.Now, Log: n.Log,
	})
	m.Teller = notify.New(notify.Parts{
		Facts: n.Store, Outbox: m.Chats, Roster: m.Chats, Settings: n.Settings, Hub: n.Hub, Now: n.Now, Log: n.Log, Draw: p.Draw, Summary: p.Summary, Clean: p.Clean,
		Posted: m.Posted,
	})
	n.Bell.Add(notify.AlarmChannel{Teller: m.Teller})
	m.purge = p.Purge
}

// token is the bot's, "" while there is none, the vault is locked, or Telegram is switched off.
func (m *Messenger) token() string {
	if !m.n.Settings.Now().Bool("telegram:enabled") {
		return ""
	}
	s, _, err := m.n.Vault.Get(BotToken)
	if err != nil {
		return ""
	}
	return s.Reveal()
}

// secret is what Telegram has to say when it posts; made at the first use of a bot. Without one nothing that is posted is right.
func (m *Messenger) secret() string {
	if !m.HasToken() {
		return ""
	}
	s, _, err := m.n.Vault.Ensure(HookSecret, vault.NewText)
	if err != nil {
		return ""
	}
	return s.Reveal()
}

func (m *Messenger) mode() telegram.Mode {
	return telegram.Mode(m.n.Settings.Now().Text("telegram:transport"))
}

// public is the address of the gateway for the world, once an answer came back through it.
func (m *Messenger) public() string {
	runner, err := m.n.Tunnel()
	if err != nil || runner == nil {
		return ""
	}
	if s := runner.State(); s.Phase == tunnel.Up {
		return s.Public
	}
	return ""
}

// HasToken tells whether a bot's token is in the vault, also while it is locked.
func (m *Messenger) HasToken() bool { return m.n.Vault.Has(BotToken) }

// State is the bot as it stands.
func (m *Messenger) State() telegram.State {
	if m.runner == nil {
		return telegram.State{Phase: telegram.Off}
	}
	return m.runner.State()
}

// Posted has the outbox looked at now.
func (m *Messenger) Posted() {
	if m.postman != nil {
		m.postman.Wake()
	}
	m.n.Hub.Publish(events.Chats)
}

// Fetch gets a file that somebody sent, at most so many bytes of it.
func (m *Messenger) Fetch(ctx context.Context, f chat.File, most int64) ([]byte, error) {
	return m.client.File(ctx, f.ID, most)
}

// hook takes an update that was posted to the gateway.
func (m *Messenger) hook(ctx context.Context, secret string, body []byte) int {
	if m.runner == nil {
		return telegram.ComeAgain
	}
	return m.runner.Webhook(ctx, secret, body)
}

// notifies tells why a message that an alert asks for will not be sent, "" when it will.
func (m *Messenger) notifies(room string) string {
	switch {
	case m.runner == nil:
		return "the file of chats cannot be opened"
	case !m.n.Settings.Now().Bool("telegram:enabled"):
		return "Telegram is off"
	case !m.HasToken():
		return "no Telegram bot is set up"
	case !slices.Contains(m.n.Settings.Now().List("telegram:allowed_chat_ids"), room):
		return "chat " + room + " is not in telegram:allowed_chat_ids"
	}
	return ""
}

// begin has everything told that happens from now on, though the doors open before anybody looks.
func (m *Messenger) begin(ctx context.Context) {
	if m.Teller == nil {
		return
	}
	if err := m.Teller.Begin(ctx); err != nil {
		m.n.Log.Warn("find where the notices begin", "error", err)
	}
}

// String names the service in the log.
func (m *Messenger) String() string { return "messenger" }

// Serve takes and sends until ctx ends.
func (m *Messenger) Serve(ctx context.Context) error {
	if m.runner == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range []func(context.Context) error{m.runner.Serve, m.postman.Serve, m.Teller.Serve, m.follow} {
		group.Go(func() error {
			return guarded(ctx, part)
		})
	}
	return group.Wait()
}

// guarded makes a failure of a panic: a message that nobody can make must not end the program that watches over orders. Whoever supervises
// the messenger logs it and starts it again.
func guarded(ctx context.Context, part func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if err := part(ctx); err != nil {
		return err
	}
	return ctx.Err()
}

// follow has the bot look again when token, settings or public address are others, and forgets what is old. It looks instead of
// waiting for hints, because some of it changes without one.
func (m *Messenger) follow(ctx context.Context) error {
	look, purge := time.NewTicker(messengerLook), time.NewTicker(purgePause)
	defer look.Stop()
	defer purge.Stop()
	known := m.seen()
	// Whoever never lets it run for an hour is promised the same.
	m.forget(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			if now := m.seen(); now != known {
				known = now
				m.runner.Again()
				m.postman.Wake()
			}
		case <-purge.C:
			m.forget(ctx)
		}
	}
}

// sight is everything that the bot goes by.
type sight struct {
	on, locked bool
	vault      time.Time
	mode       telegram.Mode
	public     string
}

func (m *Messenger) seen() sight {
	return sight{
		on: m.n.Settings.Now().Bool("telegram:enabled"), locked: m.n.Vault.Locked() != nil, vault: m.n.Vault.Changed(), mode: m.mode(), public: m.public(),
	}
}

// forget forgets messages and files that are older than telegram:retention_days.
func (m *Messenger) forget(ctx context.Context) {
	before := m.n.Now().AddDate(0, 0, -m.n.Settings.Now().Int("telegram:retention_days"))
	_, err := m.Chats.PurgeChats(ctx, before)
	if m.purge != nil {
		err = errors.Join(err, m.purge(ctx, before))
	}
	if err != nil {
		m.n.Log.Warn("forget old messages", "error", err)
	}
}

// lateMessage is how long a message may wait before something is wrong.
const lateMessage = 2 * time.Minute

// health is the bot as a part of the house.
func (m *Messenger) health() Part {
	p := Part{Name: "telegram"}
	if m.runner == nil {
		p.State, p.Detail, p.Fix = StateDown, fmt.Sprintf("the file of chats cannot be opened: %v", m.wrong),
			"move chat.db, chat.db-wal and chat.db-shm out of the data folder and restart: who was paired must be paired again, nothing else is lost"
		return p
	}
	s := m.runner.State()
	p.Detail, p.Fix, p.Latency = s.Detail, s.Fix, s.Latency
	switch s.Phase {
	case telegram.Off, telegram.Starting:
		p.State = StateOff
		switch {
		case !m.n.Settings.Now().Bool("telegram:enabled"):
			p.Detail, p.Fix = "switched off", ""
		case !m.HasToken():
			p.Detail, p.Fix = "no bot is set up; the Telegram page shows how", ""
		case s.Phase == telegram.Starting:
			p.State = StateDegraded
			if p.Detail == "" {
				p.Detail = "nothing has come back from Telegram yet"
			}
		}
	case telegram.Polling, telegram.Hooked:
		p.State = StateOK
		if s.Bot != "" {
			p.Detail = "@" + s.Bot + ": " + p.Detail
		}
	case telegram.Contested, telegram.Unrecognised, telegram.Down:
		p.State = StateDown
	}
	if s.Waiting > 0 && p.State != StateOff {
		p.Detail += fmt.Sprintf("; %d messages wait to be sent", s.Waiting)
		if m.n.Now().Sub(s.Oldest) > lateMessage && p.State == StateOK {
			p.State, p.Fix = StateDegraded, "look at the log of the Telegram page: "+s.Stuck
		}
	}
	return p
}
