package node

import (
	"context"
	"slices"
	"sort"

	"hoox/backend/market"
	"hoox/backend/trading"
)

// AccountMoney is what one account is worth now.
type AccountMoney struct {
	Account  trading.AccountID
	Currency string
	Balance  trading.Money
	Equity   trading.Money
	// Unrealized is the open profit at mark prices, Margin what open positions tie up at their leverage.
	Unrealized trading.Money
	Margin     trading.Money
}

// Equity lists the money of every account that has any.
func (n *Node) Equity(ctx context.Context) ([]AccountMoney, error) {
	balances, err := n.Store.Balances(ctx)
	if err != nil {
		return nil, err
	}
	positions, err := n.Store.Positions(ctx)
	if err != nil {
		return nil, err
	}
	var list []AccountMoney
	for account, assets := range balances {
		for asset, balance := range assets {
			m := AccountMoney{Account: account, Currency: asset, Balance: balance}
			for _, p := range positions {
				if p.Account == account && n.currency(p) == asset {
					n.value(&m, p)
				}
			}
			m.Equity = m.Balance.Add(m.Unrealized)
			list = append(list, m)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Account != list[j].Account {
			return list[i].Account < list[j].Account
		}
		return list[i].Currency < list[j].Currency
	})
	return list, nil
}

// currency is the one in which a position earns and loses.
func (n *Node) currency(p trading.Position) string {
	i, ok := n.Market.Instrument(market.VenueOf(p.Account), trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol})
	if !ok {
		return "USDT"
	}
	return i.Quote
}

func (n *Node) value(m *AccountMoney, p trading.Position) {
	mark := p.Entry()
	if q, ok := n.Market.Quote(market.VenueOf(p.Account), trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol}); ok {
		mark = q.Mark
	}
	m.Unrealized = m.Unrealized.Add(p.Unrealized(mark))
	m.Margin = m.Margin.Add(trading.Notional(mark, p.Size()).Over(trading.RatioUnits(int64(max(p.Leverage, 1)), 0)))
}

// dollars are the currencies that the curve adds up as one.
var dollars = []string{"USDT", "USDC", "FDUSD", "USD"}

// sampleEquity adds a point to the curve of every account: all its dollars together, whatever they are called.
func (n *Node) sampleEquity(ctx context.Context) error {
	list, err := n.Equity(ctx)
	if err != nil {
		return err
	}
	at := n.Now()
	points := make([]trading.EquityPoint, 0, len(list))
	for _, m := range list {
		if !slices.Contains(dollars, m.Currency) {
			continue
		}
		if last := len(points) - 1; last >= 0 && points[last].Account == m.Account {
			points[last].Equity, points[last].Balance = points[last].Equity.Add(m.Equity), points[last].Balance.Add(m.Balance)
			continue
		}
		points = append(points, trading.EquityPoint{Account: m.Account, At: at, Equity: m.Equity, Balance: m.Balance})
	}
	return n.Store.AddEquity(ctx, points)
}
