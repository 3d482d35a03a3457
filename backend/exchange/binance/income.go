package binance

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// incomePage is the most rows of one answer about income.
const incomePage = 1000

type incomeRow struct {
	Symbol string          `json:"symbol"`
	Kind   string          `json:"incomeType"`
	Amount trading.Money   `json:"income"`
	Asset  string          `json:"asset"`
	ID     number          `json:"tranId"`
	At     exchange.Millis `json:"time"`
}

func (x *Exchange) income(ctx context.Context, kind string, since time.Time) ([]incomeRow, error) {
	var rows []incomeRow
	v := values{"incomeType", kind, "startTime", stamp(since), "limit", "1000"}
	err := x.read(ctx, x.futures, call{path: "/fapi/v1/income", v: v, what: "list income", weight: 30}, &rows)
	return rows, err
}

// askFunding books what was paid or received since the last time.
func (x *Exchange) askFunding(ctx context.Context) error {
	x.mu.Lock()
	since := x.fundingAt.Add(-10 * time.Minute)
	x.mu.Unlock()
	now := x.futures.skew.Now().UTC()
	for {
		rows, err := x.income(ctx, "FUNDING_FEE", since)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if r.Kind != "FUNDING_FEE" || r.ID == "" {
				continue
			}
			err := exchange.Book(ctx, trading.Cash{
				ID: "funding:" + string(x.cfg.Account) + ":" + string(r.ID), Account: x.cfg.Account, Kind: trading.CashFunding, Asset: r.Asset,
				Amount: r.Amount, Symbol: r.Symbol, At: r.At.UTC(),
			})
			if err != nil {
				return fmt.Errorf("book funding of %s: %w", r.Symbol, err)
			}
		}
		if len(rows) < incomePage || !rows[len(rows)-1].At.After(since) {
			break
		}
		since = rows[len(rows)-1].At.Time
	}
	x.mu.Lock()
	x.fundingAt = now
	x.mu.Unlock()
	return nil
}
