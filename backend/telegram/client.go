package telegram

import (
	"net/netip"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/go-telegram/bot"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Official is Telegram's own Bot API server.
const Official = "https://api.telegram.org"

const (
	// maxAnswer is the most that is read of one answer: a hundred updates of the longest kind fit well.
	maxAnswer = 8 << 20
	// callDeadline bounds one call, fileDeadline one upload or download.
	callDeadline = 15 * time.Second
	fileDeadline = time.Minute
	// pollWait is how long Telegram holds a question for updates while there are none. The deadline leaves it time to say so.
	pollWait     = 50 * time.Second
	pollDeadline = pollWait + 15*time.Second
)

// ClientConfig says where the Bot API is and as which bot to speak.
type ClientConfig struct {
	// APIURL is scheme, host and port of the Bot API server; "" is the official one. It is https, or http on this computer.
	APIURL string
	// Token is asked before every call, so that a new one counts at once; "" while there is none.
	Token func() string
	Now   func() time.Time
	// Dial makes the connections; over TCP when nil.
	Dial wire.Dial
}

// Client makes single calls of the Bot API. Its errors have a kind: Unauthorized for a token that is none, Rejected for a certain no,
// Limited with how long to wait, Conflict when another program uses the bot, Unavailable when nothing left this computer, and
// Unknown when it may have happened. No error holds the token. Safe for concurrent use.
type Client struct {
	origin string
	token  func() string
	now    func() time.Time
	// calls keeps the token out of answers; files must not change what it fetches.
	calls, polls, uploads, files *wire.Client

	mu sync.Mutex
	// bot speaks with the token known.
	known   string
	bot     *bot.Bot
	heard   time.Time
	latency time.Duration
}

// NewClient makes a client and calls nobody. It fails with Invalid when the address cannot be.
func NewClient(c ClientConfig) (*Client, error) {
	origin, err := originOf(c.APIURL)
	if err != nil {
		return nil, err
	}
	if c.Token == nil {
		c.Token = func() string { return "" }
	}
	out := &Client{origin: origin, token: c.Token, now: c.Now}
	for _, w := range []struct {
		into     **wire.Client
		deadline time.Duration
		hide     func() string
	}{
		{&out.calls, callDeadline, c.Token}, {&out.polls, pollDeadline, c.Token}, {&out.uploads, fileDeadline, c.Token}, {&out.files, fileDeadline, nil},
	} {
		if *w.into, err = wire.NewClient(wire.ClientConfig{Origin: origin, Deadline: w.deadline, Hide: w.hide, Dial: c.Dial}); err != nil {
			return nil, trading.FieldError("telegram.api_url", "%v", err)
		}
	}
	return out, nil
}

// originOf is the checked address of the server.
func originOf(text string) (string, error) {
	if text == "" {
		return Official, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", trading.FieldError("telegram.api_url", "must be of the form https://host:port")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return "", trading.FieldError("telegram.api_url", "must begin with https:// unless the server is on this computer: the bot's token would travel in the clear")
	}
	return text, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Close drops idle connections.
func (c *Client) Close() {
	for _, w := range []*wire.Client{c.calls, c.polls, c.uploads, c.files} {
		w.Close()
	}
}

// Heard is when Telegram last answered, zero for never in this run, and how long it took to answer a plain call.
func (c *Client) Heard() (at time.Time, latency time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard, c.latency
}

// answered notes a round trip. A question that the other side holds says nothing about how fast it is.
func (c *Client) answered(begun time.Time, held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.heard = now
	if !held {
		c.latency = now.Sub(begun)
	}
}

// shape is what a token looks like: the bot's number and a random word. Nothing else may stand in an address.
var shape = regexp.MustCompile(`^[0-9]{1,20}:[A-Za-z0-9_-]{20,128}$`)

// speaker is the bot of the token that is set now.
func (c *Client) speaker() (*bot.Bot, string, error) {
	token := c.token()
	switch {
	case token == "":
		return nil, "", trading.Errorf(trading.Unauthorized, "no bot token is set")
	case !shape.MatchString(token):
		return nil, "", trading.Errorf(trading.Unauthorized, "the bot token does not look like one: it is a number, a colon and about 35 letters")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == token {
		return c.bot, token, nil
	}
	b, err := bot.New(token, bot.WithSkipGetMe(), bot.WithServerURL(c.origin), bot.WithHTTPClient(callDeadline, carrier{c}),
		bot.WithUpdatesChannelCap(0), bot.WithErrorsHandler(func(error) {}))
	if err != nil {
		return nil, "", trading.Errorf(trading.Internal, "speak as the bot: %s", veiled(err.Error(), token))
	}
	c.known, c.bot = token, b
	return b, token, nil
}
