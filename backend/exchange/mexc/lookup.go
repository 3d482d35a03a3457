package mexc

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Lookup is what became of an order, by its client order id. false with a nil error is a proof that MEXC never took it;
// without proof the error is Unknown and nothing is said. A read that failed is no answer.
func (x *Exchange) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	r, _, err := x.look(ctx, o, true)
	if err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	if r.OrderID != "" {
		x.absence.Found(o.ID)
		x.remember(o, r)
		return r, true, nil
	}
	if err := x.sings(ctx, o); err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "mexc: order %s is not to be found, but neither is an older one: %v", o.ID, err)
	}
	if err := x.absence.Empty("mexc", o, x.cfg.Now(), x.cfg.Settle, x.onTime(ctx, o.Product)); err != nil {
		return trading.Report{}, false, err
	}
	return trading.Report{}, false, nil
}

// canaryLife is how long an order is expected to be shown.
const canaryLife = 24 * time.Hour

// remember keeps the two newest orders of a product that were found: one of them is another than the one in doubt.
func (x *Exchange) remember(o trading.Order, r trading.Report) {
	o.ExchangeID = r.ExchangeID
	x.mu.Lock()
	defer x.mu.Unlock()
	list := []trading.Order{o}
	for _, had := range x.canaries[o.Product] {
		if had.ID != o.ID {
			list = append(list, had)
		}
	}
	slices.SortStableFunc(list, func(a, b trading.Order) int { return b.ArmedAt.Compare(a.ArmedAt) })
	x.canaries[o.Product] = list[:min(2, len(list))]
}

// sings is why the answers of now prove nothing: they do not even show our newest older order; nil when they do, or when
// no such order is known.
func (x *Exchange) sings(ctx context.Context, o trading.Order) error {
	x.mu.Lock()
	known := x.canaries[o.Product]
	x.mu.Unlock()
	at := slices.IndexFunc(known, func(k trading.Order) bool { return k.ID != o.ID })
	if at < 0 {
		return nil
	}
	older := known[at]
	if older.ArmedAt.IsZero() || x.cfg.Now().Sub(older.ArmedAt) > canaryLife {
		return nil
	}
	older.ExchangeID = ""
	r, _, err := x.look(ctx, older, true)
	if err == nil && r.OrderID == "" {
		return trading.Errorf(trading.Unknown, "%s is missing", older.ID)
	}
	return err
}

// look asks for an order: by our id first, then, when all is asked for, in the open orders, the history and the
// executions. settled tells that nothing more has to be waited for. A report without an order id is a clean "not there".
func (x *Exchange) look(ctx context.Context, o trading.Order, all bool) (trading.Report, bool, error) {
	find := x.findFutures
	if o.Product == trading.Spot {
		x.book.visit(o.Symbol)
		find = x.findSpot
	}
	row, fills, err := find(ctx, o, all)
	if err != nil || row == nil && len(fills) == 0 {
		return trading.Report{}, false, err
	}
	r := tape.Assemble(o.ID, row, fills)
	for i := range r.Fills {
		r.Fills[i].OrderID, r.Fills[i].SignalID, r.Fills[i].Slot = o.ID, o.SignalID, o.Slot
	}
	if row == nil {
		r.ExchangeID, r.Status = cmp.Or(o.ExchangeID, string(fills[0].OrderID)), trading.OrderPartiallyFilled
		if !r.Filled.Less(o.Qty) {
			r.Status = trading.OrderFilled
		}
		return r, true, nil
	}
	x.book.own(row.ExchangeID, o.ID)
	if !row.Status.Final() {
		// Its end is told by the stream, and asked for when that breaks.
		x.book.heard(*row)
	}
	whole := r.Filled.Equal(row.Filled)
	if row.Status.Final() && !whole && all {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "mexc: look up order %s: %s filled, but the executions add up to %s so far", o.ID, row.Filled, r.Filled)
	}
	return r, whole && (row.Status.Final() || o.Type == trading.Limit), nil
}

// findFutures reads the row and the executions of a futures order; nil for a clean "not there".
func (x *Exchange) findFutures(ctx context.Context, o trading.Order, all bool) (*tape.Row, []trading.Fill, error) {
	what := "look up order " + string(o.ID)
	c, err := x.contract(ctx, o.Symbol)
	if trading.KindOf(err) == trading.Rejected {
		// There is no such contract, and so no order of it.
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := x.futuresByLink(ctx, o, what)
	if err == nil && found == nil && all {
		found, err = x.futuresInLists(ctx, o, what)
	}
	if err != nil || found == nil && !all {
		return nil, nil, err
	}
	if found == nil {
		found, err = x.futuresByDeals(ctx, o, what)
		if err != nil || found == nil {
			return nil, nil, err
		}
	}
	if found.Error == wrongMode {
		x.forgetMode()
	}
	found.Link = string(o.ID)
	row, known := found.row(c)
	if !known {
		return nil, nil, trading.Errorf(trading.Unavailable, "mexc: %s: the state %d is not known", what, found.State)
	}
	row.OrderID = o.ID
	if !found.Filled.IsPositive() {
		return &row, nil, nil
	}
	deals, err := x.dealsOf(ctx, row.ExchangeID, what)
	if err != nil {
		return nil, nil, err
	}
	var fills []trading.Fill
	seen := map[text]bool{}
	for _, d := range deals {
		if f, ok := d.fill(x.cfg.Account, c, o.ID, ""); ok && !seen[d.ID] {
			seen[d.ID] = true
			fills = append(fills, f)
		}
	}
	return &row, fills, nil
}

// futuresByLink asks for one order by our id, and by MEXC's when it is known.
func (x *Exchange) futuresByLink(ctx context.Context, o trading.Order, what string) (*futuresOrder, error) {
	row, err := x.oneOrder(ctx, what, "/api/v1/private/order/external/"+url.PathEscape(o.Symbol)+"/"+url.PathEscape(string(o.ID)))
	switch {
	case err != nil:
		return nil, err
	case row != nil && (row.Link != string(o.ID) || row.Symbol != o.Symbol):
		return nil, anotherOrder(what, row.ID, row.Link)
	case row != nil || o.ExchangeID == "":
		return row, nil
	}
	return x.futuresByID(ctx, o.ExchangeID, what)
}

func anotherOrder(what string, id text, link string) error {
	return trading.Errorf(trading.Unavailable, "mexc: %s: an answer about another order (%s, %s)", what, id, link)
}

func (x *Exchange) futuresByID(ctx context.Context, id, what string) (*futuresOrder, error) {
	row, err := x.oneOrder(ctx, what, "/api/v1/private/order/get/"+url.PathEscape(id))
	if row != nil && row.ID.id() != id {
		return nil, anotherOrder(what, row.ID, row.Link)
	}
	return row, err
}

// oneOrder reads one order; success without data, and the codes that say so, are a clean "not there".
func (x *Exchange) oneOrder(ctx context.Context, what, path string) (*futuresOrder, error) {
	var row futuresOrder
	e, err := x.futuresRead(ctx, finding, what, path, nil, true, &row)
	if e.number == 2040 || err == nil && e.empty() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if row.ID.id() == "" {
		return nil, trading.Errorf(trading.Unavailable, "mexc: %s: an order without an id", what)
	}
	return &row, nil
}

// since is the beginning of what has to be read about an order.
func (x *Exchange) since(o trading.Order) time.Time {
	at := o.ArmedAt
	if at.IsZero() {
		at = o.CreatedAt
	}
	offset, _, _ := x.door(o.Product).skew.Offset()
	return at.Add(offset - 5*time.Second)
}

const (
	openPath    = "/api/v1/private/order/list/open_orders"
	historyPath = "/api/v1/private/order/list/history_orders"
	dealsPath   = "/api/v1/private/order/list/order_deals/v3"
)

// older tells that a page reaches back before a time.
func older[T any](since time.Time, at func(T) time.Time) func([]T) bool {
	return func(page []T) bool { return len(page) > 0 && at(page[len(page)-1]).Before(since) }
}

// futuresInLists looks through the open orders and the history.
func (x *Exchange) futuresInLists(ctx context.Context, o trading.Order, what string) (*futuresOrder, error) {
	open, err := futuresPages[futuresOrder](ctx, x, listing, what+": open orders", openPath, nil, nil)
	if err != nil {
		return nil, err
	}
	since := x.since(o)
	past, err := futuresPages(ctx, x, recalling, what+": history", historyPath, values{"symbol", o.Symbol},
		older(since, func(r futuresOrder) time.Time { return r.CreatedAt.Time }))
	if err != nil {
		return nil, err
	}
	for _, r := range append(open, past...) {
		if r.Link == string(o.ID) {
			return &r, nil
		}
	}
	return nil, nil
}

// mostStrays bounds how many executions of unknown orders are asked about.
const mostStrays = 20

// futuresByDeals looks through the executions since the order was armed for one of an order that carries our id; the rows
// of executions do not tell.
func (x *Exchange) futuresByDeals(ctx context.Context, o trading.Order, what string) (*futuresOrder, error) {
	since := x.since(o)
	deals, err := futuresPages(ctx, x, filling, what+": executions", dealsPath, values{"symbol", o.Symbol},
		older(since, func(d deal) time.Time { return d.At.Time }))
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, d := range deals {
		id := d.OrderID.id()
		if d.At.Before(since) || asked[id] || id == "" {
			continue
		}
		if owner := x.book.owner(id); owner != "" && owner != o.ID {
			continue
		}
		asked[id] = true
		if len(asked) > mostStrays {
			return nil, trading.Errorf(trading.Unavailable, "mexc: %s: more than %d orders to ask about", what, mostStrays)
		}
		row, err := x.futuresByID(ctx, id, what)
		if err != nil {
			return nil, err
		}
		if row != nil && row.Link == string(o.ID) {
			return row, nil
		}
	}
	return nil, nil
}

// dealsOf reads the executions of one order.
func (x *Exchange) dealsOf(ctx context.Context, exchangeID, what string) ([]deal, error) {
	var got rows[deal]
	_, err := x.futuresRead(ctx, filling, what+": executions", "/api/v1/private/order/deal_details/"+url.PathEscape(exchangeID), nil, true, &got)
	return got.list, err
}

// Cancel asks for an order to end and answers with how it ended, or with how it rests when MEXC has not decided yet; it
// may be repeated. It fails with NotFound for an order of which there is no trace, which alone is no proof of absence,
// and with the kinds of Submit otherwise.
func (x *Exchange) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	what := "cancel order " + string(o.ID)
	if err := x.clockRead(ctx, o.Product); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "mexc: %s: %w", what, err)
	}
	ask := x.cancelFutures
	if o.Product == trading.Spot {
		ask = x.cancelSpot
	}
	if err := ask(ctx, o, what); err != nil {
		return trading.Report{}, err
	}
	last := trading.Report{}
	for range 4 {
		r, _, err := x.look(ctx, o, true)
		if err != nil {
			return trading.Report{}, trading.Errorf(trading.Unknown, "%s", err.Error())
		}
		last = r
		if r.Status.Final() || r.OrderID == "" || wire.Pause(ctx, 100*time.Millisecond) != nil {
			break
		}
	}
	if last.OrderID == "" {
		return last, trading.Errorf(trading.NotFound, "mexc: %s: no such order", what)
	}
	return last, nil
}

// itemError is the code of a single thing in a successful answer, which is an object or a list of them.
type itemError struct {
	Error   int    `json:"errorCode"`
	Message string `json:"errorMsg"`
}

// itemCode is the code of the first thing that failed, zero when none did.
func itemCode(e envelope) envelope {
	var list rows[itemError]
	var one itemError
	if e.empty() {
		return e
	}
	if decode(e.Data, &one) && one.Error != 0 {
		list.list = append(list.list, one)
	} else if !decode(e.Data, &list) {
		return e
	}
	for _, i := range list.list {
		if i.Error != 0 {
			e.number, e.Message = i.Error, cmp.Or(i.Message, "error "+strconv.Itoa(i.Error))
			return e
		}
	}
	return e
}

// cancelFutures sends the cancel; nil when it was taken, or when there is nothing to cancel any more.
func (x *Exchange) cancelFutures(ctx context.Context, o trading.Order, what string) error {
	body := map[string]string{"symbol": o.Symbol, "externalOid": string(o.ID)}
	e, err := x.futuresPost(ctx, canceling, what, "/api/v1/private/order/cancel_with_external", body, true)
	if err != nil {
		return err
	}
	e = itemCode(e)
	if c := futuresClass(e); c != done && c != already {
		return failure(kindOf(c), what, e)
	}
	return nil
}
