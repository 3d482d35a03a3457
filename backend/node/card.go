package node

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"hoox/backend/events"
	"hoox/backend/trading"
	"hoox/backend/vault"
	"hoox/backend/wire"
)

// Card is what is known about one account without asking its exchange.
type Card struct {
	ID    trading.AccountID
	Label string
	// Trades tells that alerts for the exchange go here now.
	Trades, Enabled, HasKeys, Connected bool
	Health                              Part
	// Rights and Setup are the exchange's word once Known is true.
	Rights trading.KeyRights
	Setup  trading.AccountSetup
	Known  bool
	Lamp   trading.Lamp
	// Fixed tells that the configuration decides the mode of the exchange.
	Fixed bool
}

// Cards lists every account there is or could be: the paper twins, and testnet and live of each real exchange.
func (n *Node) Cards(ctx context.Context) ([]Card, error) {
	stored, err := n.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var list []Card
	for _, e := range trading.Exchanges() {
		list = append(list, n.twinCard(ctx, trading.MakeAccountID(e, trading.ModePaper)))
		if e == trading.Paper {
			continue
		}
		for _, m := range n.modesOf(e) {
			first := trading.Account{ID: trading.MakeAccountID(e, m), Enabled: true}
			if i := slices.IndexFunc(stored, func(a trading.Account) bool { return a.ID == first.ID }); i >= 0 {
				first = stored[i]
			}
			list = append(list, n.card(first))
			for _, a := range stored {
				if a.ID.Exchange() == e && a.ID.Mode() == m && a.ID.Name() != "" {
					list = append(list, n.card(a))
				}
			}
		}
	}
	return list, nil
}

// modesOf are the modes of a real exchange beside paper. MEXC has no test system, unless the configuration names one.
func (n *Node) modesOf(e trading.Exchange) []trading.Mode {
	if e == trading.MEXC && n.Config.Exchange.MEXC.RestURL == "" {
		return []trading.Mode{trading.ModeLive}
	}
	return []trading.Mode{trading.ModeTestnet, trading.ModeLive}
}

func (n *Node) twinCard(ctx context.Context, id trading.AccountID) Card {
	trades := n.Mode(id.Exchange()) == trading.ModePaper
	c := Card{ID: id, Trades: trades, Enabled: true, HasKeys: true, Connected: true, Fixed: n.fixed(id)}
	c.Health = timed(string(id), "paper: no real money moves", "restart; the log says why", func() error {
		_, err := n.twins[id].Positions(ctx)
		return err
	})
	return c
}

func (n *Node) fixed(id trading.AccountID) bool {
	return n.Config.Exchange.of(id.Exchange()).Mode != ""
}

func (n *Node) card(a trading.Account) Card {
	c := Card{
		ID: a.ID, Label: a.Label, Enabled: a.Enabled, HasKeys: n.HasKeys(a.ID), Fixed: n.fixed(a.ID),
		Trades: n.Mode(a.ID.Exchange()) == a.ID.Mode() && a.ID.Name() == "",
	}
	l, ok := n.linkOf(a.ID)
	if !ok {
		c.Health = Part{Name: string(a.ID), State: StateOff, Detail: "no keys", CheckedAt: n.Now()}
		switch {
		case c.HasKeys && !a.Enabled:
			c.Health.Detail = "switched off"
		case c.HasKeys:
			c.Health.Detail = "keys are kept; it connects when " + string(a.ID.Exchange()) + " is switched to " + string(a.ID.Mode())
		}
		return c
	}
	c.Connected, c.Lamp = true, l.adapter.Lamp()
	c.Rights, c.Setup, c.Known, _ = l.state()
	c.Health = n.linkHealth(a.ID, string(a.ID))
	c.Health.CheckedAt = n.Now()
	return c
}

// SaveKeys puts both halves of an account's API key into the vault and connects the account. It fails with Invalid for an
// account that takes no keys or for empty halves, and with Refused when the environment gives the key for this run.
func (n *Node) SaveKeys(ctx context.Context, id trading.AccountID, key, secret, actor string) error {
	if err := n.takesKeys(id); err != nil {
		return err
	}
	key, secret = strings.TrimSpace(key), strings.TrimSpace(secret)
	if key == "" || secret == "" {
		return trading.FieldError("secret", "both halves of the key are needed: the key and its secret")
	}
	if id.Name() != "" {
		if _, err := n.storedAccount(ctx, id); err != nil {
			return err
		}
	}
	keyAt, secretAt := KeyNames(id)
	if err := n.Vault.Set(keyAt, vault.NewSecret(key)); err != nil {
		return err
	}
	if err := n.Vault.Set(secretAt, vault.NewSecret(secret)); err != nil {
		return err
	}
	n.Log.Info("keys stored", "account", id, "actor", actor)
	n.drop(id)
	return n.followAccounts(ctx)
}

// RemoveKeys forgets an account's API key. It fails with Refused while the account holds something.
func (n *Node) RemoveKeys(ctx context.Context, id trading.AccountID, actor string) error {
	if err := n.takesKeys(id); err != nil {
		return err
	}
	open, err := n.holding(ctx)
	if err != nil {
		return err
	}
	if open[id] {
		return trading.Errorf(trading.Refused, "account %s still holds positions or orders: close them first, or nobody could", id)
	}
	keyAt, secretAt := KeyNames(id)
	for _, name := range []string{keyAt, secretAt} {
		if err := n.Vault.Delete(name); err != nil && trading.KindOf(err) != trading.NotFound {
			return err
		}
	}
	n.Log.Warn("keys removed", "account", id, "actor", actor)
	return n.followAccounts(ctx)
}

func (n *Node) takesKeys(id trading.AccountID) error {
	if !slices.Contains(realExchanges(), id.Exchange()) || (id.Mode() != trading.ModeTestnet && id.Mode() != trading.ModeLive) {
		return trading.FieldError("account", "%q takes no keys: want for example bybit:testnet or bybit:live", string(id))
	}
	return vault.CheckName(SecretName(id, secretName))
}

func (n *Node) storedAccount(ctx context.Context, id trading.AccountID) (trading.Account, error) {
	list, err := n.Store.Accounts(ctx)
	if err != nil {
		return trading.Account{}, err
	}
	for _, a := range list {
		if a.ID == id {
			return a, nil
		}
	}
	return trading.Account{}, trading.Errorf(trading.NotFound, "there is no account %s: add it first", id)
}

var accountName = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)

// AddAccount makes a further account of an exchange and mode, for strategies that name it. It fails with Invalid for a name
// that is none, and with Conflict for one that is taken.
func (n *Node) AddAccount(ctx context.Context, e trading.Exchange, m trading.Mode, name, label, actor string) (trading.AccountID, error) {
	id := trading.NamedAccountID(e, m, name)
	if !accountName.MatchString(name) {
		return id, trading.FieldError("name", "%q is no name: 1 to 16 small letters and digits, a letter first", name)
	}
	if err := n.takesKeys(id); err != nil {
		return id, err
	}
	if _, err := n.storedAccount(ctx, id); err == nil {
		return id, trading.Errorf(trading.Conflict, "account %s is there already", id)
	}
	return id, n.Store.PutAccount(ctx, trading.Account{ID: id, Label: label, Enabled: true, CreatedAt: n.Now(), Actor: actor})
}

// EnableAccount connects an account or lets go of it. It fails with NotFound.
func (n *Node) EnableAccount(ctx context.Context, id trading.AccountID, on bool, actor string) error {
	a, err := n.storedAccount(ctx, id)
	if err != nil {
		return err
	}
	a.Enabled, a.Actor = on, actor
	if err := n.Store.PutAccount(ctx, a); err != nil {
		return err
	}
	return n.followAccounts(ctx)
}

// drop lets go of a connected account so that followAccounts connects it anew.
func (n *Node) drop(id trading.AccountID) {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	r, ok := n.links.byID[id]
	if !ok {
		return
	}
	delete(n.links.byID, id)
	if err := n.links.tree.RemoveAndWait(r.token, openBudget); err != nil {
		n.Log.Error("disconnect", "account", id, "error", err)
	}
}

// Check is one line of a test of a connection or of a canary order.
type Check struct {
	Name   string
	OK     bool
	Detail string
	Took   time.Duration
}

// TestAccount asks everything that can be asked without changing anything, line by line. A line that fails ends the test. What
// the exchange says by now of its clock, and of the key of an account that is connected, is what is shown from then on.
func (n *Node) TestAccount(ctx context.Context, id trading.AccountID) ([]Check, error) {
	if err := n.takesKeys(id); err != nil {
		return nil, err
	}
	if !n.HasKeys(id) {
		return nil, n.noAccount(id)
	}
	if err := n.Vault.Locked(); err != nil {
		return nil, err
	}
	x, err := n.newAdapter(trading.Account{ID: id})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	var list []Check
	for _, q := range questions(id, x) {
		start := time.Now()
		detail, err := q.ask(ctx)
		c := Check{Name: q.name, OK: err == nil, Detail: detail, Took: time.Since(start)}
		if err != nil {
			c.Detail = err.Error()
		}
		if list = append(list, c); err != nil {
			break
		}
	}
	if l, ok := n.linkOf(id); ok {
		if err := errors.Join(l.adapter.SyncClock(ctx), l.inspect(ctx)); err != nil {
			n.Log.Warn("look at clock and key", "account", id, "error", err)
		}
		n.Hub.Publish(events.Health)
	}
	return list, nil
}

type question struct {
	name string
	ask  func(ctx context.Context) (string, error)
}

// questions are what a connection test asks, the cheapest first.
func questions(id trading.AccountID, x adapter) []question {
	return []question{
		{"Reach the exchange", func(ctx context.Context) (string, error) {
			took, err := x.Ping(ctx)
			return fmt.Sprintf("answered in %d ms", took.Milliseconds()), err
		}},
		{"What the key may do", func(ctx context.Context) (string, error) {
			r, err := x.Rights(ctx)
			if err == nil {
				err = barred(id, r)
			}
			return r.Words(), err
		}},
		{"How the account is set up", func(ctx context.Context) (string, error) {
			s, err := x.Setup(ctx)
			margin := string(s.MarginMode)
			if margin == "" {
				margin = "each position's own"
			}
			return fmt.Sprintf("position mode %s, margin %s", s.PositionMode, margin), err
		}},
		{"Clock", func(ctx context.Context) (string, error) {
			if err := x.SyncClock(ctx); err != nil {
				return "", err
			}
			lamp := x.Lamp()
			if !lamp.SkewKnown {
				return "", trading.Errorf(trading.Unavailable, "the exchange's clock could not be read")
			}
			if lamp.Skew.Abs() > wire.MaxSkew {
				return "", trading.Errorf(trading.Refused, "the clocks differ by %s: switch on automatic time", lamp.Skew.Round(time.Millisecond))
			}
			return fmt.Sprintf("%+d ms", lamp.Skew.Milliseconds()), nil
		}},
		{"Balance", func(ctx context.Context) (string, error) {
			amount, asset, err := x.Balance(ctx)
			return amount.String() + " " + asset, err
		}},
		{"Positions", func(ctx context.Context) (string, error) {
			list, err := x.Positions(ctx)
			return fmt.Sprintf("%d held", len(list)), err
		}},
		{"Resting orders", func(ctx context.Context) (string, error) {
			list, err := x.Open(ctx)
			return fmt.Sprintf("%d resting", len(list)), err
		}},
	}
}

// SetUpAccount changes position and margin mode of a connected account at its exchange, which refuses while something is
// open; "" leaves a mode as it is.
func (n *Node) SetUpAccount(ctx context.Context, id trading.AccountID, p trading.PositionMode, m trading.MarginMode, actor string) error {
	l, ok := n.linkOf(id)
	if !ok {
		return n.noAccount(id)
	}
	if p != "" {
		if err := l.adapter.SetPositionMode(ctx, p); err != nil {
			return err
		}
	}
	if m != "" {
		if err := l.adapter.SetMarginMode(ctx, m); err != nil {
			return err
		}
	}
	n.Log.Warn("account set up", "account", id, "position_mode", p, "margin_mode", m, "actor", actor)
	return l.inspect(ctx)
}
