package bybitsim

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func (s *Server) accountInfo(*call) answer {
	mode := "REGULAR_MARGIN"
	if s.core.Isolated() {
		mode = "ISOLATED_MARGIN"
	}
	return ok(object{"marginMode": mode, "unifiedMarginStatus": 5, "isMasterTrader": false, "spotHedgingStatus": "OFF", "updatedTime": ms(s.cfg.Now())})
}

func (s *Server) setMarginMode(c *call) answer {
	isolated := c.text("setMarginMode") == "ISOLATED_MARGIN"
	if !isolated && c.text("setMarginMode") != "REGULAR_MARGIN" {
		return no(10001, "params error: setMarginMode invalid")
	}
	why := s.core.SetIsolated(isolated)
	switch {
	case why == nil:
		return ok(object{"reasons": []any{}})
	case why.Why == exchangesim.NotModified:
		return no(110026, "Cross/isolated margin mode is not modified")
	default:
		return answer{3400045, "Set margin mode failed", object{"reasons": []any{object{"reasonCode": "3400089", "reasonMsg": "You have existing positions or orders"}}}}
	}
}

// worth is an asset in dollars, zero when nothing prices it.
func (s *Server) worth(asset string, amount trading.Money) trading.Money {
	if asset == "USDT" || asset == "USDC" {
		return amount
	}
	for _, product := range []trading.Product{trading.Spot, trading.Linear} {
		for _, i := range s.core.Instruments(product) {
			if _, _, mark, ok := s.core.Quote(product, i.Symbol); ok && i.Base == asset {
				return trading.Notional(mark, trading.AsQty(amount))
			}
		}
	}
	return trading.Money{}
}

func (s *Server) wallet(c *call) answer {
	if kind := c.text("accountType"); kind != "UNIFIED" {
		return no(10001, "accountType only support UNIFIED.")
	}
	return ok(object{"list": []any{s.walletRow(c.text("coin"))}})
}

// walletRow is the account with the coins that are named, or all that are not zero.
func (s *Server) walletRow(coins string) object {
	var equity, wallet, available, margin, open trading.Money
	rows := []any{}
	profit := map[string]trading.Money{}
	for _, p := range s.core.Positions() {
		if i, known := s.core.Instrument(trading.Linear, p.Symbol); known {
			profit[i.Quote] = profit[i.Quote].Add(p.Unrealized(p.Mark))
		}
	}
	all := s.core.Balances()
	for _, asset := range slices.Sorted(maps.Keys(all)) {
		total, free := all[asset][0], all[asset][1]
		own := total.Add(profit[asset])
		equity, wallet = equity.Add(s.worth(asset, own)), wallet.Add(s.worth(asset, total))
		available, open = available.Add(s.worth(asset, free)), open.Add(profit[asset])
		positions, orders, spot := s.core.Bound(asset)
		margin = margin.Add(positions).Add(orders)
		if total.IsZero() || coins != "" && !slices.Contains(strings.Split(coins, ","), asset) {
			continue
		}
		rows = append(rows, object{
			"coin": asset, "equity": own.String(), "walletBalance": total.String(), "locked": spot.String(), "unrealisedPnl": profit[asset].String(),
			"totalPositionIM": positions.String(), "totalOrderIM": orders.String(), "bonus": "0", "usdValue": s.worth(asset, own).String(),
			"availableToWithdraw": "", "borrowAmount": "0", "spotBorrow": "0", "cumRealisedPnl": "0", "accruedInterest": "0",
			"marginCollateral": true, "collateralSwitch": true,
		})
	}
	row := object{
		"accountType": "UNIFIED", "totalEquity": equity.String(), "totalWalletBalance": wallet.String(), "totalMarginBalance": equity.String(),
		"totalAvailableBalance": available.String(), "totalInitialMargin": margin.String(), "totalPerpUPL": open.String(), "totalMaintenanceMargin": "0",
		"accountIMRate": "0", "accountMMRate": "0", "accountLTV": "0", "coin": rows,
	}
	if s.core.Isolated() {
		for _, name := range []string{"totalMarginBalance", "totalAvailableBalance", "totalInitialMargin", "totalMaintenanceMargin", "accountIMRate", "accountMMRate"} {
			row[name] = ""
		}
	}
	return row
}

func (s *Server) feeRate(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	list := []any{}
	for _, i := range s.chosen(c) {
		list = append(list, object{"symbol": i.Symbol, "baseCoin": "", "takerFeeRate": i.TakerFee.String(), "makerFeeRate": i.MakerFee.String()})
	}
	return ok(object{"category": c.text("category"), "list": list})
}

func (s *Server) key(*call) answer {
	readOnly, ips := 0, s.o.Addresses
	trade := object{"ContractTrade": []string{"Order", "Position"}, "Spot": []string{"SpotTrade"}, "Wallet": []string{}, "Options": []string{}, "Exchange": []string{}}
	if s.o.ReadOnly {
		readOnly = 1
	}
	if ips == nil {
		ips = []string{"*"}
	}
	return ok(object{
		"id": "1", "note": "simulated", "apiKey": s.cfg.Key, "readOnly": readOnly, "secret": "", "permissions": trade, "ips": ips, "type": 1,
		"deadlineDay": 90, "expiredAt": s.cfg.Now().Add(90 * 24 * time.Hour).UTC().Format(time.RFC3339), "createdAt": "2026-01-01T00:00:00Z",
		"unified": 0, "uta": 1, "userID": 1, "vipLevel": "No VIP", "isMaster": true, "parentUid": "0", "rsaPublicKey": "",
	})
}

// window tells which times a request asks for: the last seven days unless it says otherwise; more than seven is refused.
func (s *Server) window(c *call) (within func(time.Time) bool, a answer, bad bool) {
	week := int64(7 * 24 * 3600 * 1000)
	to := c.number("endTime", s.cfg.Now().UnixMilli())
	from := c.number("startTime", to-week)
	if c.has("startTime") && !c.has("endTime") {
		to = from + week
	}
	if to-from > week || to < from {
		return nil, no(10001, "The time range between startTime and endTime cannot exceed 7 days."), true
	}
	return func(at time.Time) bool { return at.UnixMilli() >= from && at.UnixMilli() <= to }, answer{}, false
}

// moved is a row of the transaction log with what it is sorted by.
type moved struct {
	at  time.Time
	row object
}

func (s *Server) transactions(c *call) answer {
	within, a, bad := s.window(c)
	if bad {
		return a
	}
	var all []moved
	if c.text("category") != "spot" {
		for _, f := range s.core.Fundings() {
			all = append(all, moved{f.At, s.fundingRow(f)})
		}
	}
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		if c.has("category") && c.product() != product {
			continue
		}
		for _, x := range s.core.ShownFills(product) {
			all = append(all, moved{x.At, s.tradeRow(x)})
		}
	}
	slices.SortStableFunc(all, func(a, b moved) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	list := []any{}
	for _, m := range all {
		if within(m.at) && (!c.has("type") || c.text("type") == m.row["type"]) && (!c.has("currency") || c.text("currency") == m.row["currency"]) {
			list = append(list, m.row)
		}
	}
	return paged(c, list, 20, 50)
}

func (s *Server) fundingRow(f exchangesim.Funding) object {
	return object{
		"id": f.ID, "symbol": f.Symbol, "category": "linear", "side": sideOf(f.Qty), "transactionTime": ms(f.At), "type": "SETTLEMENT", "transSubType": "",
		"qty": f.Qty.Abs().String(), "size": f.Qty.String(), "currency": f.Asset, "tradePrice": f.Mark.String(), "funding": f.Amount.String(),
		"fee": "0", "cashFlow": "0", "change": f.Amount.String(), "cashBalance": "", "feeRate": f.Rate.String(), "bonusChange": "", "tradeId": f.ID,
		"orderId": "", "orderLinkId": "",
	}
}

// tradeRow is a fill as money: of linear what was realized, of spot what moved in quote.
func (s *Server) tradeRow(x exchangesim.Execution) object {
	flow, currency := x.PnL, x.FeeAsset
	i, _ := s.core.Instrument(x.Product, x.Symbol)
	if x.Product == trading.Spot {
		flow, currency = trading.Notional(x.Price, x.Qty), i.Quote
		if x.Side == trading.Buy {
			flow = flow.Neg()
		}
	}
	change := flow
	if x.FeeAsset == currency {
		change = flow.Sub(x.Fee)
	}
	return object{
		"id": x.ID, "symbol": x.Symbol, "category": string(x.Product), "side": word(x.Side), "transactionTime": ms(x.At), "type": "TRADE", "transSubType": "",
		"qty": x.Qty.String(), "size": "", "currency": currency, "tradePrice": x.Price.String(), "funding": "", "fee": x.Fee.String(),
		"cashFlow": flow.String(), "change": change.String(), "cashBalance": "", "feeRate": "", "bonusChange": "", "tradeId": x.ID,
		"orderId": x.OrderID, "orderLinkId": x.Link,
	}
}
