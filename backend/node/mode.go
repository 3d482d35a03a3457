package node

import (
	"context"
	"slices"

	"hoox/backend/trading"
)

// SwitchMode switches the mode of an exchange, for good. It fails with Invalid for what is no mode, with Refused when the
// configuration decides it, when keys are missing, or when the key may withdraw money.
func (n *Node) SwitchMode(ctx context.Context, e trading.Exchange, m trading.Mode, actor string) error {
	if !slices.Contains(realExchanges(), e) {
		return trading.FieldError("exchange", "%q has no modes: want bybit, binance or mexc", string(e))
	}
	if m != trading.ModePaper && m != trading.ModeTestnet && m != trading.ModeLive {
		return trading.FieldError("mode", "%q is not one of paper, testnet, live", string(m))
	}
	if fixed := n.Config.Exchange.of(e).Mode; fixed != "" {
		return trading.Errorf(trading.Refused, "the configuration fixes %s to %s: change exchange.%s.mode there and restart", e, fixed, e)
	}
	id := trading.MakeAccountID(e, m)
	if m != trading.ModePaper && !n.HasKeys(id) {
		key, secret := KeyNames(id)
		return trading.Errorf(trading.Refused, "there are no keys of %s for %s yet: add %s and %s first", e, m, key, secret)
	}
	if err := n.overpowered(id); err != nil {
		return err
	}
	if runner, err := n.Tunnel(); m == trading.ModeLive && err == nil && runner != nil {
		if err := runner.MayCarryLive(); err != nil {
			return err
		}
	}
	key := "exchange:" + string(e) + ":mode"
	if err := n.Store.PutSetting(ctx, key, string(m), actor, n.Now()); err != nil {
		return err
	}
	n.Settings.Put(key, string(m))
	n.Log.Warn("mode switched", "exchange", e, "mode", m, "actor", actor)
	return n.followAccounts(ctx)
}

// tellLive writes down at every start which exchanges move real money, and what decided that.
func (n *Node) tellLive() {
	for _, e := range realExchanges() {
		if n.Mode(e) != trading.ModeLive {
			continue
		}
		by := "exchange:" + string(e) + ":mode"
		if n.Config.Exchange.of(e).Mode != "" {
			by = "the configuration"
		}
		n.Log.Warn("alerts for this exchange trade LIVE, with real money", "exchange", e, "by", by)
	}
}

// positionMode is how a real account nets positions, "" while its exchange has not said so and for paper accounts.
func (n *Node) positionMode(id trading.AccountID) trading.PositionMode {
	l, ok := n.linkOf(id)
	if !ok {
		return ""
	}
	_, setup, _, _ := l.state()
	return setup.PositionMode
}

// noAccount says why an account takes no entries when it is not connected at all.
func (n *Node) noAccount(id trading.AccountID) error {
	if id.Mode() == trading.ModePaper {
		return trading.Errorf(trading.Refused, "there is no account %s", id)
	}
	if !n.HasKeys(id) {
		key, secret := KeyNames(id)
		return trading.Errorf(trading.Refused, "%s trades in mode %s, but its keys are missing: add %s and %s to the vault", id.Exchange(), id.Mode(), key, secret)
	}
	l, ok := n.linkOf(id)
	if err := n.Vault.Locked(); err != nil && !ok {
		return err
	}
	if ok {
		_, _, _, why := l.state()
		if why != nil {
			return trading.Errorf(trading.Refused, "account %s is not open: %v", id, why)
		}
	}
	return trading.Errorf(trading.Refused, "account %s is not connected", id)
}

// admits tells why an account takes no entries of an instrument, nil when it does.
func (n *Node) admits(id trading.AccountID, key trading.InstrumentKey) error {
	err := n.Engine.Admits(id, key)
	if err == nil {
		err = n.overpowered(id)
	}
	if err == nil {
		return n.clock.doubt()
	}
	if _, twin := n.twins[id]; !twin {
		if l, ok := n.linkOf(id); !ok || l.failed() {
			return n.noAccount(id)
		}
	}
	return err
}

func (l *link) failed() bool {
	_, _, _, why := l.state()
	return why != nil
}
