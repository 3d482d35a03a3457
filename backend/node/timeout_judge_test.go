package node_test

import (
	"fmt"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// takenFor is for how long after its time MEXC's futures take a request; nothing in it can say otherwise. The other doors
// take none after the deadline of its order.
const takenFor = 10 * time.Second

// judge holds the exchange's own log against the ledger and against what was promised, at rest.
func (c *crossing) judge() {
	known := map[trading.OrderID]trading.OrderID{}
	for key, id := range c.said {
		story, err := c.db.Signal(c.t.Context(), id)
		if err != nil {
			c.violated("I2", "alert %s was answered and is gone: %v", key, err)
			continue
		}
		c.judgeStory(key, story)
		for _, o := range story.Orders {
			known[o.ID] = o.ID
		}
	}
	for _, h := range c.shores {
		for _, core := range h.cores() {
			for _, o := range core.Orders() {
				if _, ok := known[trading.OrderID(o.Link)]; !ok {
					c.violated("I3", "%s has order %s of id %q, which belongs to no signal", h.id, o.ID, o.Link)
				}
			}
		}
		h.judgePositions()
	}
	report, err := c.db.Verify(c.t.Context())
	c.must(err)
	for _, f := range report {
		if !f.OK {
			c.violated("I7", "%s: %s", f.Check, f.Detail)
		}
	}
	c.tellStories()
}

// tellStories tells what happened to the orders with which something is wrong.
func (c *crossing) tellStories() {
	known := map[string]bool{}
	for _, wrong := range c.wrong {
		for _, link := range ourLink.FindAllString(wrong, -1) {
			if known[link] {
				continue
			}
			known[link] = true
			id := trading.OrderID(link)
			c.stories = append(c.stories, "order "+link+":")
			c.stories = append(c.stories, c.told[id]...)
			o, err := c.db.Order(c.t.Context(), id)
			if err != nil {
				c.stories = append(c.stories, "  the ledger: "+err.Error())
				continue
			}
			story, err := c.db.Signal(c.t.Context(), o.SignalID)
			c.must(err)
			for _, e := range story.Journal {
				c.stories = append(c.stories, fmt.Sprintf("  %s %s %s: %q to %q %s", e.At.Format(clockFormat), e.OrderID, e.Stage, e.From, e.To, e.Detail))
			}
		}
	}
}

// judgeStory judges one signal: it has ended with a reason, and each of its orders is what the exchange has.
func (c *crossing) judgeStory(key string, story trading.SignalRecord) {
	if !story.Status.Final() {
		c.violated("I2", "alert %s is still %s (%s)", key, story.Status, story.Reason)
	}
	c.mu.Lock()
	c.ends[endOf(story)]++
	c.mu.Unlock()
	legs := map[int]bool{}
	for _, o := range story.Orders {
		if legs[o.Leg] {
			c.violated("I19", "alert %s has two orders for leg %d", key, o.Leg)
		}
		legs[o.Leg] = true
		var fills []trading.Fill
		for _, f := range story.Fills {
			if f.OrderID == o.ID {
				fills = append(fills, f)
			}
		}
		c.shores[o.Account].judgeOrder(o, fills)
	}
	for _, e := range story.Journal {
		if e.OrderID == "" || e.To == "" || e.From == e.To {
			continue
		}
		if !e.From.May(e.To) {
			c.violated("I8", "order %s goes from %q to %q (%s)", e.OrderID, e.From, e.To, e.Stage)
		}
		// Also for a moment: meanwhile the lane was free for the next order.
		if at := c.shores[story.Account].atExchange(e.OrderID); len(at) > 0 && e.To == trading.OrderNotPlaced {
			c.violated("I2", "order %s was believed absent at %s, and the exchange has it since %s", e.OrderID, e.At.Format(clockFormat), at[0].CreatedAt.Format(clockFormat))
		}
	}
}

const clockFormat = "15:04:05.000"

// endOf is how a signal ended, with the reason where it did not trade.
func endOf(story trading.SignalRecord) string {
	switch story.Status {
	case trading.SignalFilled, trading.SignalPartial, trading.SignalNotPlaced:
		return string(story.Status)
	}
	return string(story.Status) + ": " + digits.ReplaceAllString(story.Reason, "#")
}

// atExchange are the orders that the exchange has of an id of ours.
func (h *shore) atExchange(id trading.OrderID) []exchangesim.Order {
	var list []exchangesim.Order
	for _, core := range h.cores() {
		for _, o := range core.Orders() {
			if o.Link == string(id) {
				list = append(list, o)
			}
		}
	}
	return list
}

// judgeOrder judges one order of the ledger by what the exchange has.
func (h *shore) judgeOrder(o trading.Order, fills []trading.Fill) {
	c := h.crossing
	at := h.atExchange(o.ID)
	if len(at) > 1 {
		c.violated("I1", "order %s is %d orders at the exchange: doubled", o.ID, len(at))
	}
	if len(at) == 0 {
		h.judgeAbsent(o)
		return
	}
	x := at[0]
	if !statusAgrees(o, x) {
		c.violated("I6", "order %s is %s at the exchange (%s filled) and %s in the ledger (%s filled, %s)", o.ID, x.Status, x.Filled, o.Status, o.Filled, o.Reason)
	}
	if !o.Filled.Equal(x.Filled) || !o.FilledCost.Equal(x.Cost) {
		c.violated("I6", "order %s is filled with %s for %s at the exchange and with %s for %s in the ledger", o.ID, x.Filled, x.Cost, o.Filled, o.FilledCost)
	}
	if x.Filled.More(o.Qty) || x.Side != o.Side || x.Symbol != o.Symbol || x.Product == trading.Linear && x.ReduceOnly != o.ReduceOnly {
		c.violated("I6", "order %s is %s %s %s at the exchange, and %s %s %s was meant", o.ID, x.Side, x.Qty, x.Symbol, o.Side, o.Qty, o.Symbol)
	}
	if ours, theirs := feesOf(fills), h.feesAt(o.Product, x.ID); ours != theirs {
		c.violated("I6", "order %s paid %s at the exchange and %s in the ledger", o.ID, theirs, ours)
	}
	latest := o.Deadline
	if o.Exchange() == trading.MEXC && o.Product == trading.Linear {
		latest = latest.Add(takenFor)
	}
	if x.CreatedAt.After(latest) {
		c.violated("I4", "order %s was taken at %s, %s after its deadline", o.ID, x.CreatedAt.Format(clockFormat), x.CreatedAt.Sub(o.Deadline))
	}
}

// judgeAbsent judges an order that the exchange does not have: it has ended without a fill, in a way that says so, and one
// whose bytes left may only be missing because they were lost, or were refused.
func (h *shore) judgeAbsent(o trading.Order) {
	c := h.crossing
	h.mu.Lock()
	left, refused, lost := h.left[o.ID], h.refused[o.ID], h.lost[o.ID]
	h.mu.Unlock()
	switch o.Status {
	case trading.OrderNotPlaced:
		if !lost {
			c.violated("I2", "order %s is not placed (%s), and nothing of it was lost", o.ID, o.Reason)
		}
	case trading.OrderExpired, trading.OrderDenied, trading.OrderBlocked, trading.OrderCanceled:
		if left > refused {
			c.violated("I2", "order %s is %s (%s), and its bytes left %d times", o.ID, o.Status, o.Reason, left)
		}
	case trading.OrderRejected:
		if !o.ReduceOnly {
			c.violated("I2", "order %s is rejected (%s), and the exchange had no reason", o.ID, o.Reason)
		}
	default:
		c.violated("I6", "order %s is %s and the exchange does not have it", o.ID, o.Status)
	}
	if o.Filled.IsPositive() || o.Status.Final() && o.Reason == "" {
		c.violated("I6", "order %s is %s, filled with %s, for the reason %q, and the exchange does not have it", o.ID, o.Status, o.Filled, o.Reason)
	}
}

// feesOf are the fees of some fills by asset, in words.
func feesOf(fills []trading.Fill) string {
	paid := map[string]trading.Money{}
	for _, f := range fills {
		paid[f.FeeAsset] = paid[f.FeeAsset].Add(f.Fee)
	}
	return fmt.Sprint(paid)
}

// feesAt are the fees of an order at the exchange, with the digits that it tells.
func (h *shore) feesAt(p trading.Product, id string) string {
	var fills []trading.Fill
	for _, x := range h.core(p).Fills() {
		if x.OrderID != id {
			continue
		}
		f := trading.Fill{Fee: x.Fee, FeeAsset: x.FeeAsset}
		if h.exchange == trading.Binance {
			f.Fee = trading.MustMoney(x.Fee.Fixed(8))
		}
		fills = append(fills, f)
	}
	return feesOf(fills)
}

// statusAgrees tells whether the ledger calls the end of an order what it was.
func statusAgrees(o trading.Order, x exchangesim.Order) bool {
	switch x.Status {
	case exchangesim.Filled:
		return o.Status == trading.OrderFilled
	case exchangesim.Canceled, exchangesim.Expired:
		return o.Status == trading.OrderCanceled || o.Status == trading.OrderExpired
	case exchangesim.Rejected:
		return o.Status == trading.OrderRejected
	}
	return o.Status.Resting()
}

func (h *shore) judgePositions() {
	c := h.crossing
	list, err := c.db.Positions(c.t.Context())
	c.must(err)
	ours, theirs := map[string]string{}, map[string]string{}
	for _, p := range list {
		if p.Account == h.id && !p.Qty.IsZero() {
			ours[fmt.Sprintf("%s %s", p.Product, p.Symbol)] = p.Qty.String()
		}
	}
	for _, p := range h.linear.Positions() {
		theirs["linear "+p.Symbol] = p.Qty.String()
	}
	for _, i := range listed(h.exchange, trading.Spot) {
		if total, _ := h.spot.Balance(i.Base); total.IsPositive() {
			theirs["spot "+i.Symbol] = total.String()
		}
	}
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		c.violated("I6", "%s: the ledger holds %v, the exchange %v", h.id, ours, theirs)
	}
}

// behind tells whether the exchange has filled something that the ledger does not know yet.
func (c *crossing) behind() bool {
	for _, h := range c.shores {
		for _, core := range h.cores() {
			for _, x := range core.Orders() {
				o, err := c.db.Order(c.t.Context(), trading.OrderID(x.Link))
				if err != nil || !o.Filled.Equal(x.Filled) || !statusAgrees(o, x) {
					return true
				}
			}
		}
	}
	return false
}
