package bybit

import (
	"context"
	"slices"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// settled are the currencies in which perpetuals are settled.
var settled = []string{"USDT", "USDC"}

// positionRows reads the list of positions and remembers how the symbols of it are set up.
func (x *Exchange) positionRows(ctx context.Context, v values) ([]positionRow, error) {
	rows, err := readAll[positionRow](ctx, x.line, holding, "read positions", "/v5/position/list", v, true)
	for i := 0; err == nil && i+1 < len(v); i += 2 {
		if v[i] == "symbol" {
			x.noteRows(v[i+1], rows)
		}
	}
	return rows, err
}

// Positions is what the account holds, Bybit's own view, by symbol and slot: perpetuals with what protects them, and the
// coins that one of the listed symbols can sell, of which Bybit tells no entry price. What is flat, and dust below the
// smallest order, is not listed. It fails rather than leave one out.
func (x *Exchange) Positions(ctx context.Context) ([]trading.Position, error) {
	list := []trading.Position{}
	for _, coin := range settled {
		rows, err := exchange.Patient(ctx, func() ([]positionRow, error) {
			return x.positionRows(ctx, values{"category", "linear", "settleCoin", coin, "limit", "200"})
		})
		if err != nil {
			return nil, err
		}
		before := len(list)
		for _, r := range rows {
			if r.Size.IsPositive() {
				list = append(list, r.position(x.cfg.Account, x.cfg.Now().UTC()))
			}
		}
		if len(list) == before {
			continue
		}
		waiting, err := x.waiting(ctx, values{"category", "linear", "settleCoin", coin})
		if err != nil {
			return nil, err
		}
		for i := range list[before:] {
			x.showTargets(&list[before+i], waiting)
		}
	}
	coins, err := x.coinPositions(ctx)
	if err != nil {
		return nil, err
	}
	list = append(list, coins...)
	slices.SortFunc(list, func(a, b trading.Position) int {
		return strings.Compare(a.Symbol+"/"+string(a.Product)+"/"+string(a.Slot), b.Symbol+"/"+string(b.Product)+"/"+string(b.Slot))
	})
	return list, nil
}

// showTargets adds the targets for parts of a position.
func (x *Exchange) showTargets(p *trading.Position, waiting []orderRow) {
	for _, r := range waiting {
		if r.Symbol == p.Symbol && slotOf(r.PositionIdx) == p.Slot && r.StopType == "PartialTakeProfit" {
			p.Protection.TakeProfit = append(p.Protection.TakeProfit, trading.TakeProfitAt{Price: r.Trigger, Qty: r.Qty})
		}
	}
	nearestFirst(p.Protection.TakeProfit, p.Direction())
}

// nearestFirst sorts targets by how soon a position in the direction meets them.
func nearestFirst(targets []trading.TakeProfitAt, d trading.Direction) {
	slices.SortStableFunc(targets, func(a, b trading.TakeProfitAt) int {
		if d == trading.Short {
			return b.Price.Cmp(a.Price)
		}
		return a.Price.Cmp(b.Price)
	})
}

// waiting reads the orders that rest or wait for a trigger.
func (x *Exchange) waiting(ctx context.Context, v values) ([]orderRow, error) {
	return exchange.Patient(ctx, func() ([]orderRow, error) {
		rows, err := readAll[orderRow](ctx, x.line, asking, "list open orders", "/v5/order/realtime", append(v[:len(v):len(v)], "openOnly", "0", "limit", "50"), true)
		open := rows[:0]
		for _, r := range rows {
			r.Category = v[1]
			if status, known := statusOf(r.Status, r.Filled); !known || !status.Final() {
				open = append(open, r)
			}
		}
		return open, err
	})
}

func (r positionRow) signed() trading.Qty {
	if r.Side == "Sell" {
		return r.Size.Neg()
	}
	return r.Size
}

func (r positionRow) position(account trading.AccountID, now time.Time) trading.Position {
	p := trading.Position{
		Account: account, Product: trading.Linear, Symbol: r.Symbol, Slot: slotOf(r.Idx), Qty: r.signed(), Cost: r.Value,
		Realized: r.Realized, Leverage: whole(r.Leverage), Liquidation: r.Liquidation, OpenedAt: r.CreatedAt.UTC(),
		UpdatedAt: r.UpdatedAt.UTC(), ReconciledAt: now,
		Protection: trading.Protection{StopLoss: r.StopLoss, TrailingStop: r.TrailingStop},
	}
	if p.Cost.IsZero() {
		p.Cost = trading.Notional(r.Average, r.Size)
	}
	if r.TakeProfit.IsPositive() {
		p.Protection.TakeProfit = []trading.TakeProfitAt{{Price: r.TakeProfit, Qty: r.Size}}
	}
	return p
}
