package binancesim

import (
	"hoox/backend/exchange/exchangesim"
)

// listRow is a list as queries tell it.
func (s *Spot) listRow(n *list) map[string]any {
	orders, open := []any{}, false
	for _, id := range s.listed(n) {
		o, found := s.core.FindPlain(s.product, n.symbol, id, "")
		if !found {
			continue
		}
		open = open || o.Status.Open()
		orders = append(orders, map[string]any{"symbol": o.Symbol, "orderId": number(o.ID), "clientOrderId": clientID(o)})
	}
	status, order := "ALL_DONE", "ALL_DONE"
	if open {
		status, order = "EXEC_STARTED", "EXECUTING"
	}
	return map[string]any{
		"orderListId": n.id, "contingencyType": n.kind, "listStatusType": status, "listOrderStatus": order, "listClientOrderId": n.link,
		"transactionTime": n.at, "symbol": n.symbol, "orders": orders,
	}
}

func (s *Spot) listed(n *list) []string {
	s.lists.mu.Lock()
	defer s.lists.mu.Unlock()
	return append([]string(nil), n.orders...)
}

// listAnswer is what placing or canceling a list tells: the list with the state of each order.
func (s *Spot) listAnswer(n *list) map[string]any {
	row := s.listRow(n)
	reports := []any{}
	for _, id := range s.listed(n) {
		if o, found := s.core.FindPlain(s.product, n.symbol, id, ""); found {
			reports = append(reports, s.answer(o, "RESULT"))
		}
	}
	row["orderReports"] = reports
	return row
}

func (s *Spot) askedList(q *request, name string, missing *refusal) (*list, *refusal) {
	id, bad := q.whole("orderListId", 0)
	if bad != nil {
		return nil, bad
	}
	if id == 0 && q.text(name) == "" {
		return nil, no(-1128, "Combination of optional parameters invalid.")
	}
	n := s.lists.find(id, q.text(name))
	if n == nil {
		return nil, missing
	}
	return n, nil
}

func (s *Spot) list(q *request) (any, *refusal) {
	n, bad := s.askedList(q, "origClientOrderId", no(-2018, "Order list does not exist."))
	if bad != nil {
		return nil, bad
	}
	return s.listRow(n), nil
}

func (s *Spot) openLists(*request) (any, *refusal) {
	rows := []any{}
	for _, n := range s.lists.open() {
		if row := s.listRow(n); row["listOrderStatus"] == "EXECUTING" {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func (s *Spot) cancelList(q *request) (any, *refusal) {
	if _, bad := s.instrument(q); bad != nil {
		return nil, bad
	}
	n, bad := s.askedList(q, "listClientOrderId", unknownOrder)
	if bad != nil {
		return nil, bad
	}
	if s.listRow(n)["listOrderStatus"] != "EXECUTING" {
		return nil, unknownOrder
	}
	return s.endList(n), nil
}

// endList cancels what is open of a list: canceling one order of it cancels all.
func (s *Spot) endList(n *list) map[string]any {
	s.lists.end(n)
	for _, id := range s.listed(n) {
		s.core.Cancel(s.product, n.symbol, id, "")
	}
	return s.listAnswer(n)
}

// listEvent is what the stream tells when a list starts or ends.
func (s *Spot) listEvent(n *list, e exchangesim.Event) map[string]any {
	row := s.listRow(n)
	orders := []any{}
	for _, o := range row["orders"].([]any) {
		r := o.(map[string]any)
		orders = append(orders, map[string]any{"s": r["symbol"], "i": r["orderId"], "c": r["clientOrderId"]})
	}
	return map[string]any{
		"e": "listStatus", "E": e.At.UnixMilli(), "s": n.symbol, "g": n.id, "c": n.kind, "l": row["listStatusType"], "L": row["listOrderStatus"],
		"r": "NONE", "C": n.link, "T": e.At.UnixMilli(), "O": orders,
	}
}
