package app

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// accounts knows the accounts at the exchanges.
type accounts interface {
	Cards(ctx context.Context) ([]node.Card, error)
	TestAccount(ctx context.Context, id trading.AccountID) ([]node.Check, error)
	Canary(ctx context.Context, id trading.AccountID, symbol, actor, key string) ([]node.Check, error)
}

// accountKeeper changes them.
type accountKeeper interface {
	SaveKeys(ctx context.Context, id trading.AccountID, key, secret, actor string) error
	RemoveKeys(ctx context.Context, id trading.AccountID, actor string) error
	AddAccount(ctx context.Context, e trading.Exchange, m trading.Mode, name, label, actor string) (trading.AccountID, error)
	EnableAccount(ctx context.Context, id trading.AccountID, on bool, actor string) error
	SetUpAccount(ctx context.Context, id trading.AccountID, p trading.PositionMode, m trading.MarginMode, actor string) error
}

// Accounts are the accounts at the exchanges: keys, modes, tests.
type Accounts struct {
	in  *house
	who actor
}

// List is every account there is or could be, with what is known about it.
func (s *Accounts) List(_ Empty) (AccountList, error) {
	return answer(s.in, "list accounts", func(ctx context.Context) (AccountList, error) {
		cards, err := s.in.accounts.Cards(ctx)
		if err != nil {
			return AccountList{}, err
		}
		money, err := s.in.money.Equity(ctx)
		if err != nil {
			return AccountList{}, err
		}
		return AccountList{Items: each(cards, func(c node.Card) AccountCard { return accountCard(c, money) })}, nil
	})
}

// SaveKeys stores an API key in the vault and connects its account. It fails with Invalid for an account without keys.
func (s *Accounts) SaveKeys(req SaveKeys) (Receipt, error) {
	d := &deed{what: "store keys", action: audit.SaveKeys, subject: req.Account}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.keeping.SaveKeys(ctx, trading.AccountID(req.Account), string(req.Key), string(req.Secret), s.who.name)
		return Receipt{Status: "ok", Reason: "the keys are in the vault"}, err
	})
}

// RemoveKeys forgets an API key. It fails with Refused while the account holds something.
func (s *Accounts) RemoveKeys(req AccountID) (Receipt, error) {
	d := &deed{what: "remove keys", action: audit.RemoveKeys, subject: req.Account}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.keeping.RemoveKeys(ctx, trading.AccountID(req.Account), s.who.name)
		return Receipt{Status: "ok", Reason: "the keys are forgotten; delete them at the exchange too"}, err
	})
}

// Add makes a further account, for strategies to name.
func (s *Accounts) Add(req AddAccount) (Receipt, error) {
	d := &deed{what: "add an account", action: audit.AddAccount, subject: strings.Join([]string{req.Exchange, req.Mode, req.Name}, ":"), after: req.Label}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		id, err := s.in.keeping.AddAccount(ctx, trading.Exchange(req.Exchange), trading.Mode(req.Mode), req.Name, req.Label, s.who.name)
		return Receipt{Status: "ok", Reason: "account " + string(id) + " waits for its keys"}, err
	})
}

// Enable connects an account or lets go of it. It fails with NotFound.
func (s *Accounts) Enable(req EnableAccount) (Receipt, error) {
	d := &deed{what: "switch an account", action: audit.EnableAccount, subject: req.Account, after: either(req.Enabled, "on", "off")}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.keeping.EnableAccount(ctx, trading.AccountID(req.Account), req.Enabled, s.who.name)
		return Receipt{Status: "ok"}, err
	})
}

// SetUp changes position and margin mode of an account at its exchange, which refuses while something is open.
func (s *Accounts) SetUp(req SetAccount) (Receipt, error) {
	d := &deed{what: "set an account up", action: audit.SetUpAccount, subject: req.Account, after: strings.TrimSpace(req.PositionMode + " " + req.MarginMode)}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		err := s.in.keeping.SetUpAccount(ctx, trading.AccountID(req.Account), trading.PositionMode(req.PositionMode), trading.MarginMode(req.MarginMode), s.who.name)
		return Receipt{Status: "ok", Reason: "read back from the exchange"}, err
	})
}

// Test asks the exchange everything that changes nothing, line by line.
func (s *Accounts) Test(req AccountID) (AccountChecks, error) {
	d := &deed{what: "test an account", action: audit.TestAccount, subject: req.Account}
	return act(s.in, s.who, d, func(ctx context.Context) (AccountChecks, error) {
		list, err := s.in.accounts.TestAccount(ctx, trading.AccountID(req.Account))
		return d.ended(accountChecks(list)), err
	})
}

// Canary sends the smallest resting order and cancels it. On a live account the phrase "canary" must have been typed.
func (s *Accounts) Canary(req Canary) (AccountChecks, error) {
	d := &deed{what: "send a canary", action: audit.Canary, subject: req.Account + " " + req.Symbol}
	return act(s.in, s.who, d, func(ctx context.Context) (AccountChecks, error) {
		id := trading.AccountID(req.Account)
		switch {
		case req.Key == "":
			return AccountChecks{}, trading.FieldError("key", "a canary needs a key, so that a second click is not a second order")
		case id.Mode() == trading.ModeLive && req.Phrase != "canary":
			return AccountChecks{}, trading.FieldError("phrase", "this is a real order: type the word canary to send it")
		}
		list, err := s.in.accounts.Canary(ctx, id, req.Symbol, s.who.name, req.Key)
		return d.ended(accountChecks(list)), err
	})
}

// Checklist is what a person reads before an exchange is switched to a mode. A line that is not in order does not forbid it.
func (s *Accounts) Checklist(req ModeQuestion) (Checklist, error) {
	return answer(s.in, "read the checklist of a mode", func(ctx context.Context) (Checklist, error) {
		id := trading.MakeAccountID(trading.Exchange(req.Exchange), trading.Mode(req.Mode))
		cards, err := s.in.accounts.Cards(ctx)
		if err != nil {
			return Checklist{}, err
		}
		i := slices.IndexFunc(cards, func(c node.Card) bool { return c.ID == id })
		if i < 0 {
			return Checklist{}, trading.FieldError("mode", "%s has no mode %q", req.Exchange, req.Mode)
		}
		return Checklist{Items: s.in.modeItems(cards[i])}, nil
	})
}

// SwitchMode switches the mode of an exchange. Live wants the phrase "live <exchange>" typed by a person at the desktop.
func (s *Accounts) SwitchMode(req SwitchMode) (Receipt, error) {
	d := &deed{what: "switch the mode", action: audit.SwitchMode, subject: req.Exchange, after: req.Mode}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.Mode == string(trading.ModeLive) && strings.TrimSpace(strings.ToLower(req.Phrase)) != "live "+req.Exchange {
			return Receipt{}, trading.FieldError("phrase", "alerts for %s would move real money: type \"live %s\" to switch", req.Exchange, req.Exchange)
		}
		if e := trading.Exchange(req.Exchange); e.Known() {
			d.before = string(s.in.mode(e))
		}
		err := s.in.switchMode(ctx, trading.Exchange(req.Exchange), trading.Mode(req.Mode), s.who.name)
		return Receipt{Status: "ok", Reason: req.Exchange + " trades in mode " + req.Mode + " now"}, err
	})
}

// modeItems are the lines of the checklist of a mode.
func (h *house) modeItems(c node.Card) []ChecklistItem {
	set := h.settings.Now()
	money := "no real money moves"
	if c.ID.Mode() == trading.ModeLive {
		money = "every alert for " + string(c.ID.Exchange()) + " moves REAL money from now on"
	}
	items := []ChecklistItem{{Name: "What changes", OK: true, Detail: money}}
	if c.ID.Mode() == trading.ModePaper {
		return items
	}
	// What was not asked is not in order: a key that may withdraw must not pass for one of which nothing is known.
	rights := c.Known && c.Rights.Withdraw != trading.Yes
	return append(items,
		ChecklistItem{Name: "Keys", OK: c.HasKeys, Detail: either(c.HasKeys, "in the vault", "missing: add them first")},
		ChecklistItem{Name: "Connection", OK: c.Connected && c.Health.State == node.StateOK, Detail: c.Health.Detail},
		ChecklistItem{Name: "Rights of the key", OK: rights, Detail: either(c.Known, c.Rights.Words(), "not asked yet: test the connection")},
		ChecklistItem{Name: "Caps", OK: set.Text("trade:max_order_size") != "0", Detail: "one order at most " + set.Text("trade:max_order_size") +
			" USDT, one position " + set.Text("trade:max_position_size") + ", everything " + set.Text("trade:max_exposure") + ", leverage " + set.Text("trade:max_leverage") + "×"},
		ChecklistItem{Name: "Kill switch", OK: true, Detail: "hold HALT in the strip, or run hoox kill on; resting entries are canceled, positions stay until you flatten"},
	)
}

func either(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

func accountChecks(list []node.Check) AccountChecks {
	ok := len(list) > 0
	for _, c := range list {
		ok = ok && c.OK
	}
	return AccountChecks{OK: ok, Items: each(list, func(c node.Check) AccountCheck {
		return AccountCheck{Name: c.Name, OK: c.OK, Detail: c.Detail, Micros: c.Took.Microseconds()}
	})}
}

func accountCard(c node.Card, money []node.AccountMoney) AccountCard {
	card := AccountCard{
		Account: string(c.ID), Exchange: string(c.ID.Exchange()), Mode: string(c.ID.Mode()), Name: c.ID.Name(), Label: c.Label,
		Trades: c.Trades, Enabled: c.Enabled, HasKeys: c.HasKeys, Connected: c.Connected, ModeFixed: c.Fixed, Health: partHealth(c.Health),
		Known: c.Known, StreamLive: c.Lamp.Live, BannedUntil: when(c.Lamp.BannedUntil), RequestsLeft: c.Lamp.Left, RequestsLimit: c.Lamp.Limit,
		Rights: KeyRights{
			Linear: string(c.Rights.Linear), Spot: string(c.Rights.Spot), Withdraw: string(c.Rights.Withdraw), Transfer: string(c.Rights.Transfer),
			Bound: string(c.Rights.Bound), ExpiresAt: when(c.Rights.ExpiresAt), Notes: append([]string{}, c.Rights.Notes...),
		},
		Money: []AccountMoney{},
	}
	if c.Known {
		card.PositionMode, card.MarginMode = string(c.Setup.PositionMode), string(c.Setup.MarginMode)
	}
	if c.Lamp.SkewKnown {
		card.SkewMillis = strconv.FormatInt(c.Lamp.Skew.Milliseconds(), 10)
	}
	if c.ID.Mode() != trading.ModePaper {
		card.KeyName, card.SecretName = node.KeyNames(c.ID)
	}
	for _, m := range money {
		if m.Account == c.ID {
			card.Money = append(card.Money, AccountMoney{Currency: m.Currency, Balance: shown(m.Balance, moneyPlaces), Equity: shown(m.Equity, moneyPlaces)})
		}
	}
	return card
}
