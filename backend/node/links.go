package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"

	"hoox/backend/events"
	"hoox/backend/market"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// openBudget is how long the start waits for accounts to open; one that takes longer opens later.
const openBudget = 5 * time.Second

// links are the accounts that are connected. They come and go with keys and modes.
type links struct {
	mu    sync.Mutex
	tree  *suture.Supervisor
	byID  map[trading.AccountID]running
	feeds map[market.Venue]feed
}

type running struct {
	link  *link
	token suture.ServiceToken
}

// Mode is the mode in which an exchange trades: the configuration's word, else what a person switched on, else paper.
func (n *Node) Mode(e trading.Exchange) trading.Mode {
	if m := trading.Mode(n.Config.Exchange.of(e).Mode); m != "" {
		return m
	}
	if e == trading.Paper {
		return trading.ModePaper
	}
	return trading.Mode(n.Settings.Now().Text("exchange:" + string(e) + ":mode"))
}

// modeOf is the mode an alert trades in. A test goes where no real money is: the testnet where its account is connected,
// else the paper twin.
func (n *Node) modeOf(e trading.Exchange, test bool) trading.Mode {
	if !test {
		return n.Mode(e)
	}
	if _, ok := n.linkOf(trading.MakeAccountID(e, trading.ModeTestnet)); ok {
		return trading.ModeTestnet
	}
	return trading.ModePaper
}

// wanted lists the accounts that should be connected now: enabled, with keys, and live only where live is switched on or
// something is still open.
func (n *Node) wanted(ctx context.Context) ([]trading.Account, error) {
	stored, err := n.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range realExchanges() {
		for _, m := range n.modesOf(e) {
			id := trading.MakeAccountID(e, m)
			known := slices.ContainsFunc(stored, func(a trading.Account) bool { return a.ID == id })
			if known || !n.HasKeys(id) {
				continue
			}
			a := trading.Account{ID: id, Enabled: true, CreatedAt: n.Now(), Actor: "keys"}
			if err := n.Store.PutAccount(ctx, a); err != nil {
				return nil, err
			}
			stored = append(stored, a)
		}
	}
	open, err := n.holding(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(stored, func(a trading.Account) bool {
		live := a.ID.Mode() != trading.ModeLive || n.Mode(a.ID.Exchange()) == trading.ModeLive || open[a.ID]
		return !a.Enabled || !live || !n.HasKeys(a.ID)
	}), nil
}

// holding tells which accounts have something open in the ledger.
func (n *Node) holding(ctx context.Context) (map[trading.AccountID]bool, error) {
	open := map[trading.AccountID]bool{}
	positions, err := n.Store.Positions(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		open[p.Account] = open[p.Account] || !p.Qty.IsZero()
	}
	orders, err := n.Store.OpenOrders(ctx, "")
	for _, o := range orders {
		open[o.Account] = true
	}
	return open, err
}

// followAccounts connects what should be connected and lets go of what should not.
func (n *Node) followAccounts(ctx context.Context) error {
	list, err := n.wanted(ctx)
	if err != nil {
		return err
	}
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	if n.links.tree == nil {
		return nil
	}
	changed := false
	for id, r := range n.links.byID {
		if slices.ContainsFunc(list, func(a trading.Account) bool { return a.ID == id }) {
			continue
		}
		delete(n.links.byID, id)
		if err := n.links.tree.Remove(r.token); err != nil {
			n.Log.Error("disconnect", "account", id, "error", err)
		}
		n.Log.Info("account disconnected", "account", id)
		changed = true
	}
	for _, a := range list {
		// A new account needs its keys; those that are connected have theirs.
		if _, ok := n.links.byID[a.ID]; ok || n.Vault.Locked() != nil {
			continue
		}
		x, err := n.newAdapter(a)
		if err != nil {
			n.Log.Error("connect", "account", a.ID, "error", err)
			continue
		}
		if err := n.openVenue(ctx, market.VenueOf(a.ID)); err != nil {
			n.Log.Error("open prices", "account", a.ID, "error", err)
		}
		l := &link{n: n, id: a.ID, adapter: x, opened: make(chan struct{}), why: trading.Errorf(trading.Unavailable, "connecting")}
		n.links.byID[a.ID] = running{l, n.links.tree.Add(l)}
		level := n.Log.Info
		if a.ID.Mode() == trading.ModeLive {
			level = n.Log.Warn
		}
		level("account connects", "account", a.ID, "mode", a.ID.Mode())
		changed = true
	}
	if changed {
		n.Hub.Publish(events.Health)
	}
	return nil
}

// openVenue puts a venue of real prices on the board, with the instruments of the last run until the new ones come. The
// caller holds the links.
func (n *Node) openVenue(ctx context.Context, v market.Venue) error {
	if _, ok := n.links.feeds[v]; ok {
		return nil
	}
	f, err := n.newFeed(v.Exchange, v.Mode)
	if err != nil {
		return err
	}
	kept, _, err := n.Store.Instruments(ctx, v.Exchange, v.Mode)
	if err != nil {
		return err
	}
	n.Market.Open(v, market.NewCatalogue(kept), f, v.Exchange)
	n.links.feeds[v] = f
	n.links.tree.Add(priceService{f, v, n.sleeper})
	n.links.tree.Add(freshener{n, v})
	return nil
}

// freshener asks for prices that have not changed for a while: a quiet market is not an old price.
type freshener struct {
	n     *Node
	venue market.Venue
}

const (
	// quietPause is how often quiet markets are looked for, quietAge from which age on one is asked for.
	quietPause = 2 * time.Second
	quietAge   = 5 * time.Second
)

// String names the service in the log.
func (f freshener) String() string {
	return fmt.Sprintf("quiet prices of %s (%s)", f.venue.Exchange, f.venue.Mode)
}

// Serve asks until ctx ends.
func (f freshener) Serve(ctx context.Context) error {
	for {
		if err := wire.Pause(ctx, quietPause); err != nil {
			return err
		}
		f.n.Market.Refresh(ctx, f.venue, f.n.Now().Add(-quietAge))
	}
}

// priceService runs a source of prices under the supervisor.
type priceService struct {
	feed
	venue   market.Venue
	sleeper *sleeper
}

// Serve runs the source until ctx ends.
func (s priceService) Serve(ctx context.Context) error {
	return s.sleeper.untilAwake(ctx, s.feed.Serve)
}

// String names the service in the log.
func (s priceService) String() string {
	return fmt.Sprintf("prices of %s (%s)", s.venue.Exchange, s.venue.Mode)
}

// startLinks connects the accounts and waits a little for them to open.
func (n *Node) startLinks(ctx context.Context, tree *suture.Supervisor) error {
	n.links.mu.Lock()
	n.links.tree = tree
	n.links.mu.Unlock()
	if err := n.followAccounts(ctx); err != nil {
		return err
	}
	if n.Config.Paper.Market == "live" {
		n.startPaperFeeds(ctx)
	}
	return n.watchTraded(ctx)
}

// awaitLinks waits until every account has been opened or has failed once, at most openBudget.
func (n *Node) awaitLinks(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, openBudget)
	defer cancel()
	for _, l := range n.connected() {
		select {
		case <-l.opened:
		case <-ctx.Done():
			return
		}
	}
}

func (n *Node) connected() []*link {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	list := make([]*link, 0, len(n.links.byID))
	for _, r := range n.links.byID {
		list = append(list, r.link)
	}
	slices.SortFunc(list, func(a, b *link) int { return strings.Compare(string(a.id), string(b.id)) })
	return list
}

func (n *Node) linkOf(id trading.AccountID) (*link, bool) {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	r, ok := n.links.byID[id]
	return r.link, ok
}

// Comparison is when an account was last compared with its exchange, and why it takes no entries; nil when it does.
type Comparison struct {
	Account trading.AccountID
	At      time.Time
	Problem error
}

// Compared lists the connected accounts at real exchanges.
func (n *Node) Compared() []Comparison {
	list := []Comparison{}
	for _, l := range n.connected() {
		list = append(list, Comparison{l.id, n.Engine.ReconciledAt(l.id), n.Engine.Ready(l.id)})
	}
	return list
}
