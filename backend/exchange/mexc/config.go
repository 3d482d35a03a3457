package mexc

import (
	"net/url"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	futuresStream = "/edge"
	spotStream    = "/ws"
	standardTry   = 5 * time.Second
	// leastAfter is what must pass after the last moment at which a request may have left: futures live for ten seconds at
	// MEXC, and what was done then must have had time to show.
	leastAfter      = 25 * time.Second
	longestWindow   = 3 * time.Second
	readWindow      = 5 * time.Second
	shortestWindow  = 100 * time.Millisecond
	clockMargin     = 50 * time.Millisecond
	leverageTrusted = time.Minute
)

// Exchange is one account at MEXC, futures and spot. It is safe for concurrent use. Serve must run for news to come.
type Exchange struct {
	cfg           exchange.Config
	futures, spot *door
	tape          *tape.Tape
	absence       *tape.Absence
	book          *book
	private       *wire.Stream
	// started is when this process began to know what it sent.
	started time.Time

	mu sync.Mutex
	// mode is the position mode as last read, "" when it is not known.
	mode trading.PositionMode
	// leverage is what was last read back, by symbol, margin mode and side.
	leverage map[string]setting
	// contracts and coins are the instruments that have been read, by symbol.
	contracts map[string]contract
	coins     map[string]coin
	// nowhere are spot symbols that there were not, and when that was.
	nowhere map[string]time.Time
	// last is the latest event heard of futures, lastSpot of spot.
	last, lastSpot time.Time
	// session is the spot stream of the listen key in use.
	session *wire.Stream
	// canaries are our two newest orders that a look-up has shown, newest first, by product.
	canaries map[trading.Product][]trading.Order
}

type setting struct {
	value int
	at    time.Time
}

// New makes the account and starts nothing. It fails for an account that is not MEXC's, for the testnet that there is
// not, and for addresses that are none.
func New(c exchange.Config) (*Exchange, error) {
	mode := c.Account.Mode()
	if c.Account.Exchange() != trading.MEXC || (mode != trading.ModeTestnet && mode != trading.ModeLive) {
		return nil, trading.FieldError("account", "%q is not mexc:live", string(c.Account))
	}
	if mode == trading.ModeTestnet && c.RestURL == "" {
		return nil, trading.FieldError("account", "MEXC has no testnet: use mexc:paper to practise or mexc:live")
	}
	c = c.Filled(hosts())
	c.Settle = max(c.Settle, leastAfter+max(c.Deadline, standardTry))
	// The dialer repeats an address that it cannot read, and this one will carry a secret.
	if u, err := url.Parse(c.SpotPrivateURL); err != nil || u.Host == "" {
		return nil, trading.FieldError("spot_private_url", "it is not of the form wss://host:port")
	}
	x := &Exchange{
		cfg: c, tape: tape.New(), absence: tape.NewAbsence(), book: newBook(), leverage: map[string]setting{},
		contracts: map[string]contract{}, coins: map[string]coin{}, nowhere: map[string]time.Time{}, last: c.Since, lastSpot: c.Since,
		canaries: map[trading.Product][]trading.Order{}, started: c.Now(),
	}
	var err error
	if x.futures, err = newDoor(c.RestURL, c, futuresLimits); err != nil {
		return nil, trading.Errorf(trading.Invalid, "rest address of %s: %w", c.Account, err)
	}
	if x.spot, err = newDoor(c.SpotRestURL, c, spotLimits); err != nil {
		return nil, trading.Errorf(trading.Invalid, "spot rest address of %s: %w", c.Account, err)
	}
	if x.private, err = x.futuresStream(); err != nil {
		return nil, trading.Errorf(trading.Invalid, "private address of %s: %w", c.Account, err)
	}
	return x, nil
}

// hosts are the documented ones. The futures stream has stayed on its older name.
func hosts() exchange.Addresses {
	return exchange.Addresses{
		RestURL: "https://api.mexc.com", PublicURL: "wss://contract.mexc.com", PrivateURL: "wss://contract.mexc.com",
		SpotRestURL: "https://api.mexc.com", SpotPublicURL: "wss://wbs-api.mexc.com", SpotPrivateURL: "wss://wbs-api.mexc.com",
	}
}

// Close drops idle connections.
func (x *Exchange) Close() {
	x.futures.client.Close()
	x.spot.client.Close()
}

// BannedUntil is until when MEXC wants to hear nothing from this address; zero when it never said so. Kept, it goes into
// Config.BannedUntil after a restart.
func (x *Exchange) BannedUntil() time.Time {
	a, b := x.futures.address.BannedUntil(), x.spot.address.BannedUntil()
	if a.After(b) {
		return a
	}
	return b
}

// Lamp is how the way to MEXC is doing: live when the private stream of every product is that the key is good for, with
// the larger difference of the two clocks. It asks nobody.
func (x *Exchange) Lamp() trading.Lamp {
	x.mu.Lock()
	session := x.session
	x.mu.Unlock()
	futures, spot := x.private.Live(), session != nil && session.Live()
	live := (futures || x.left(x.futures)) && (spot || x.left(x.spot)) && (futures || spot)
	l := trading.Lamp{Live: live, BannedUntil: x.BannedUntil(), SkewKnown: true}
	for _, d := range []*door{x.futures, x.spot} {
		offset, age, known := d.skew.Offset()
		if !known {
			l.SkewKnown = false
			continue
		}
		if offset.Abs() >= l.Skew.Abs() {
			l.Skew = offset
		}
		l.SkewAge = max(l.SkewAge, age)
		left, limit := d.tightest()
		if l.Limit == 0 || left*l.Limit < l.Left*limit {
			l.Left, l.Limit = left, limit
		}
	}
	return l
}
