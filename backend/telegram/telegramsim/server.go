package telegramsim

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config is how the server behaves. Token and Now are needed.
type Config struct {
	// Token is the bot's; its number is what stands before the colon. Bot is its name, "hoox_test_bot" when empty.
	Token, Bot string
	Now        func() time.Time
	// First is the number of the first update; 700000001 when zero.
	First int64
	// Flood refuses what is sent faster than Telegram takes it.
	Flood bool
	// Local takes webhooks without TLS and on any port, as the server does that people run themselves.
	Local bool
	// Post brings an update to a webhook and returns the status of the answer; over HTTP when nil.
	Post func(ctx context.Context, url, secret string, body []byte) (status int, err error)
	// Faults decides what goes wrong with each request; nil for nothing. It is called one at a time.
	Faults Faults
}

// Server is the Bot API. Safe for concurrent use.
type Server struct {
	cfg   Config
	bot   int64
	http  *http.Server
	lobby *lobby
	work  sync.WaitGroup
	stop  context.CancelFunc

	mu     sync.Mutex
	token  string
	faults Faults
	// news is closed and made anew when a question that waits should look again.
	news    chan struct{}
	poll    *question
	queue   queue
	hook    hook
	rooms   map[int64]*room
	order   []*Sent
	menus   map[int64][]Command
	presses map[string]*press
	files   map[string]*file
	calls   []Call
	made    int64
	all     []time.Time
}

// New makes a server that serves within the process, by Dial; Listen opens a port as well.
func New(ctx context.Context, c Config) *Server {
	if c.Bot == "" {
		c.Bot = "hoox_test_bot"
	}
	if c.First == 0 {
		c.First = 700000001
	}
	if c.Post == nil {
		c.Post = post
	}
	s := &Server{
		cfg: c, bot: number(strings.SplitN(c.Token, ":", 2)[0]), token: c.Token, faults: c.Faults, news: make(chan struct{}), lobby: newLobby(),
		queue: queue{next: c.First}, rooms: map[int64]*room{}, menus: map[int64][]Command{}, presses: map[string]*press{}, files: map[string]*file{},
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	ctx, s.stop = context.WithCancel(ctx)
	s.work.Go(func() { _ = s.http.Serve(s.lobby) }) // it ends with Close
	s.work.Go(func() { s.deliver(ctx) })
	return s
}

// Listen opens a port on this computer and returns the origin to set as api_url.
func (s *Server) Listen(ctx context.Context) (origin string, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.work.Go(func() { _ = s.http.Serve(l) }) // it ends with Close
	return "http://" + l.Addr().String(), nil
}

// Origin is an api_url for clients that use Dial.
const Origin = "http://127.0.0.1:1"

// Dial makes a connection within the process, whatever the address says.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) { return s.lobby.dial(ctx) }

// Close ends every connection and waits for all that was going on.
func (s *Server) Close() {
	s.stop()
	_ = s.http.Close() // what hangs on a connection is of no interest any more
	s.work.Wait()
}

// SetFaults changes what goes wrong from now on.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// SetToken gives the bot another token: the old one is revoked.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
}

// tell has questions that wait look again. The caller holds the lock.
func (s *Server) tell() {
	close(s.news)
	s.news = make(chan struct{})
}

// id makes up a number. The caller holds the lock.
func (s *Server) id() int64 {
	s.made++
	return s.made
}
