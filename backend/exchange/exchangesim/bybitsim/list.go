package bybitsim

import (
	"cmp"
	"slices"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// fits tells whether a list that was asked for shows an order.
func (s *Server) fits(c *call, o exchangesim.Order) bool {
	i, _ := s.core.Instrument(o.Product, o.Symbol)
	filter := c.text("orderFilter")
	return (!c.has("orderId") || c.text("orderId") == o.ID) && (!c.has("orderLinkId") || c.text("orderLinkId") == o.Link) &&
		(!c.has("symbol") || c.text("symbol") == o.Symbol) && (!c.has("settleCoin") || c.text("settleCoin") == i.Quote) &&
		(!c.has("baseCoin") || c.text("baseCoin") == i.Base) && (filter == "" || filtered(filter, "", o))
}

// realtime lists open orders, newest first, and by name the latest that have ended; what was not found is no error.
func (s *Server) realtime(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	byName := c.has("orderId") || c.has("orderLinkId")
	if c.product() == trading.Linear && !c.has("symbol") && !c.has("baseCoin") && !c.has("settleCoin") && !byName {
		return no(10001, "params error: symbol, baseCoin or settleCoin is required")
	}
	s.mu.Lock()
	restarted := s.restarted
	s.mu.Unlock()
	ended := 0
	list := []any{}
	for _, o := range newest(s.core.Shown(c.product(), "")) {
		if !o.Status.Open() {
			ended++
			if ended > s.o.ClosedCache || !o.UpdatedAt.After(restarted) && !restarted.IsZero() {
				continue
			}
		}
		wanted := byName || o.Status.Open() != (c.text("openOnly") == "1")
		if wanted && s.fits(c, o) {
			list = append(list, s.orderRow(o))
		}
	}
	return paged(c, list, 20, 50)
}

// newest is a list of orders by when they were made, the last first.
func newest(list []exchangesim.Order) []exchangesim.Order {
	slices.Reverse(list)
	return list
}

// history lists what has ended, a while after it has; what was canceled or rejected without a fill for a day only.
func (s *Server) history(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	within, a, bad := s.window(c)
	if bad {
		return a
	}
	now := s.cfg.Now()
	list := []any{}
	for _, o := range newest(s.core.Shown(c.product(), "")) {
		empty := o.Status != exchangesim.Filled && o.Filled.IsZero()
		switch {
		case o.Status.Open() || o.Status == exchangesim.Triggered || o.UpdatedAt.Add(s.o.HistoryLag).After(now):
		case empty && now.Sub(o.UpdatedAt) > 24*time.Hour:
		case !within(o.UpdatedAt) && !within(o.CreatedAt) || !s.fits(c, o):
		default:
			list = append(list, s.orderRow(o))
		}
	}
	return paged(c, list, 20, 50)
}

// executions lists fills and funding, newest first.
func (s *Server) executions(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	within, a, bad := s.window(c)
	if bad {
		return a
	}
	// Rows are made of what is asked for only.
	wanted := func(at time.Time, orderID, link, symbol, kind string) bool {
		return within(at) && (!c.has("orderId") || c.text("orderId") == orderID) && (!c.has("orderLinkId") || c.text("orderLinkId") == link) &&
			(!c.has("symbol") || c.text("symbol") == symbol) && (!c.has("execType") || c.text("execType") == kind)
	}
	var all []moved
	for _, x := range s.core.ShownFills(c.product()) {
		if wanted(x.At, x.OrderID, x.Link, x.Symbol, execType(x)) {
			all = append(all, moved{x.At, s.executionRow(x)})
		}
	}
	if c.product() == trading.Linear {
		for _, f := range s.core.Fundings() {
			if wanted(f.At, "", "", f.Symbol, "Funding") {
				all = append(all, moved{f.At, s.fundingExecution(f)})
			}
		}
	}
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b moved) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	list := []any{}
	for _, m := range all {
		list = append(list, m.row)
	}
	return paged(c, list, 50, 100)
}
