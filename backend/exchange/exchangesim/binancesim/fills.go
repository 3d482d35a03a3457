package binancesim

import (
	"strconv"
	"time"

	"hoox/backend/exchange/exchangesim"
)

// fillRows are the fills that a request asks for: of a symbol, of one order, since an id or a time.
func (s *Server) fillRows(q *request, span time.Duration) ([]exchangesim.Execution, *refusal) {
	i, bad := s.instrument(q)
	if bad != nil {
		return nil, bad
	}
	from, to, limit, bad := q.window(span, 1000)
	if bad != nil {
		return nil, bad
	}
	first, bad := q.whole("fromId", 0)
	if bad != nil {
		return nil, bad
	}
	order, bad := q.whole("orderId", 0)
	if bad != nil {
		return nil, bad
	}
	if first > 0 && q.text("startTime") != "" {
		return nil, no(-1128, "Combination of optional parameters invalid.")
	}
	var list []exchangesim.Execution
	for _, x := range s.core.ShownFills(s.product) {
		if x.Symbol != i.Symbol || x.At.Before(from) || x.At.After(to) || !atLeast(x.ID, first) || order > 0 && x.OrderID != strconv.FormatInt(order, 10) {
			continue
		}
		list = append(list, x)
	}
	if len(list) > limit {
		if first > 0 || q.text("startTime") != "" {
			list = list[:limit]
		} else {
			list = list[len(list)-limit:]
		}
	}
	return list, nil
}
