package node

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/market"
	"hoox/backend/trading"
)

const (
	// canaryAway is how far below the market, in parts of a hundred, the canary rests: far enough not to fill, near enough
	// for every exchange's price band.
	canaryAway = 3
	// canaryLife is how long the canary may be on its way.
	canaryLife = 20 * time.Second
)

// Canary sends the smallest limit order that an account takes, well below the market, waits until it rests, cancels it and
// waits until that is proven. It goes the way of every order: the kill switch, the caps and the ledger hold for it. The
// same key asks once only.
func (n *Node) Canary(ctx context.Context, id trading.AccountID, symbol, actor, key string) ([]Check, error) {
	product := trading.Product(n.Settings.Now().Text("exchange:" + string(id.Exchange()) + ":product"))
	i, _, err := n.Market.Resolve(id.Exchange(), symbol, product, func(trading.Exchange) trading.Mode { return id.Mode() })
	if err != nil {
		return nil, err
	}
	v := market.VenueOf(id)
	wait, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if !n.Market.Await(wait, v, i.Key(), n.Now().Add(-5*time.Second)) {
		return nil, trading.Errorf(trading.Unavailable, "there is no fresh price of %s on %s: try again in a moment", i.Symbol, id)
	}
	q, _ := n.Market.Quote(v, i.Key())
	price := i.RoundPrice(q.Bid.Times(trading.RatioUnits(100-canaryAway, -2)), trading.Buy)
	qty := smallest(i, price)
	receipt, err := n.Desk.Admit(ctx, trading.Signal{
		ID: trading.NewSignalID(), Source: trading.FromWindow, Credential: actor, Key: "canary " + key, ReceivedAt: n.Now(), Account: id,
		Exchange: id.Exchange(), Symbol: trading.Position{Account: id, Product: i.Product, Symbol: i.Symbol}.Written(), Action: trading.ActLong,
		Size: trading.Size{Mode: trading.SizeBase, Value: qty.AsRatio()}, Type: trading.Limit, Price: price, MaxAge: canaryLife, Comment: "canary",
	})
	if err != nil {
		return nil, err
	}
	list := []Check{{Name: "Send", OK: true, Detail: fmt.Sprintf("buy %s %s at %s, %d %% below the market", qty, i.Symbol, price, canaryAway)}}
	rests, err := n.canaryReaches(ctx, receipt.Signal, func(o trading.Order) bool { return o.Status.Resting() || o.Status.Final() })
	if err != nil {
		return list, err
	}
	list = append(list, Check{Name: "Rests", OK: rests.Status == trading.OrderAccepted, Detail: outcomeWords(rests), Took: rests.UpdatedAt.Sub(rests.CreatedAt)})
	if !rests.Status.Resting() {
		return list, nil
	}
	if _, err := n.Engine.Cancel(ctx, rests.ID, actor); err != nil {
		return append(list, Check{Name: "Cancel", Detail: err.Error()}), nil
	}
	ended, err := n.canaryReaches(ctx, receipt.Signal, func(o trading.Order) bool { return o.Status.Final() })
	if err != nil {
		return list, err
	}
	return append(list, Check{Name: "Cancel", OK: ended.Status == trading.OrderCanceled, Detail: outcomeWords(ended), Took: ended.UpdatedAt.Sub(rests.UpdatedAt)}), nil
}

// smallest is the least quantity that an exchange takes at a price.
func smallest(i trading.Instrument, price trading.Price) trading.Qty {
	qty := i.MinQty.Max(i.StepSize)
	if needed := trading.QtyFor(i.MinNotional, price); qty.Less(needed) {
		qty = i.RoundQty(needed).Add(i.StepSize)
	}
	return qty
}

func outcomeWords(o trading.Order) string {
	if o.Reason != "" {
		return string(o.Status) + ": " + o.Reason
	}
	return string(o.Status)
}

// canaryReaches waits until the canary's order is as wanted and returns it; a signal without an order is an error in the
// words of its refusal.
func (n *Node) canaryReaches(ctx context.Context, id trading.SignalID, reached func(trading.Order) bool) (trading.Order, error) {
	ctx, stop := context.WithTimeout(ctx, canaryLife)
	defer stop()
	for {
		changed, cancel := n.Hub.Await(string(id))
		record, err := n.Store.Signal(ctx, id)
		if err != nil {
			cancel()
			return trading.Order{}, err
		}
		if len(record.Orders) == 0 && record.Status.Final() {
			cancel()
			return trading.Order{}, trading.Errorf(trading.Refused, "%s", record.Reason)
		}
		if len(record.Orders) > 0 && reached(record.Orders[0]) {
			cancel()
			return record.Orders[0], nil
		}
		select {
		case <-changed:
			cancel()
		case <-ctx.Done():
			cancel()
			return trading.Order{}, trading.Errorf(trading.Unknown, "nothing final is known about the canary yet: look at Orders")
		}
	}
}
