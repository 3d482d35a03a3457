package paper

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"hoox/backend/trading"
)

// The keys of the book. Everything under livePrefix is loaded at first use; order/ grows for ever and is read one by one.
const (
	livePrefix    = "live/"
	walletKey     = livePrefix + "wallet"
	holdingPrefix = livePrefix + "position/"
	openPrefix    = livePrefix + "open/"
	newsPrefix    = livePrefix + "news/"
	orderPrefix   = "order/"
)

func holdingKey(p place) string {
	return holdingPrefix + string(p.product) + "/" + p.symbol + "/" + string(p.slot)
}
func openKey(id trading.OrderID) string  { return openPrefix + string(id) }
func orderKey(id trading.OrderID) string { return orderPrefix + string(id) }
func newsKey(seq int64) string           { return fmt.Sprintf("%s%016d", newsPrefix, seq) }

// load reads the account at first use and opens a new one when there is none.
func (x *Exchange) load(ctx context.Context) error {
	if x.state != nil {
		return nil
	}
	rows, err := x.cfg.Book.LoadBook(ctx, x.cfg.Account, livePrefix)
	if err != nil {
		return trading.Wrap(trading.Unavailable, err, "load paper account "+string(x.cfg.Account))
	}
	s := &state{holdings: map[place]holding{}, dirty: map[string]bool{}, changed: map[trading.OrderID]record{}}
	if len(rows) == 0 {
		x.found(s)
		x.adopt(s)
		return nil
	}
	for _, key := range sortedKeys(rows) {
		if err := s.read(key, rows[key]); err != nil {
			return trading.Errorf(trading.Internal, "read %s of paper account %s: %w", key, x.cfg.Account, err)
		}
	}
	// Orders are numbered as they arrive; the rows come in the order of their names.
	slices.SortFunc(s.resting, func(a, b record) int { return compareIDs(a.Order.ExchangeID, b.Order.ExchangeID) })
	if s.cash.Leverage == nil {
		s.cash.Leverage = map[string]int{}
	}
	x.state = s
	return nil
}

// found opens a new account with its deposit.
func (x *Exchange) found(s *state) {
	now := x.cfg.Now().UTC()
	s.cash = wallet{Balance: x.cfg.Deposit, Mode: x.cfg.Mode(), Leverage: map[string]int{}, Funded: now}
	s.announce(news{Cash: &trading.Cash{
		ID: "deposit:" + string(x.cfg.Account), Account: x.cfg.Account, Kind: trading.CashDeposit, Asset: x.cfg.Asset, Amount: x.cfg.Deposit, At: now,
	}})
}

func (s *state) read(key, value string) error {
	switch {
	case key == walletKey:
		return json.Unmarshal([]byte(value), &s.cash)
	case strings.HasPrefix(key, holdingPrefix):
		var h holding
		if err := json.Unmarshal([]byte(value), &h); err != nil {
			return err
		}
		s.holdings[place{h.Position.Product, h.Position.Symbol, h.Position.Slot}] = h
		return nil
	case strings.HasPrefix(key, openPrefix):
		var r record
		if err := json.Unmarshal([]byte(value), &r); err != nil {
			return err
		}
		s.resting = append(s.resting, r)
		return nil
	case strings.HasPrefix(key, newsPrefix):
		var n news
		if err := json.Unmarshal([]byte(value), &n); err != nil {
			return err
		}
		s.news = append(s.news, n)
		return nil
	}
	return fmt.Errorf("a row that this version does not know")
}

// adopt makes a changed state the state, and hands what changed to the book.
func (x *Exchange) adopt(s *state) {
	x.state = s
	put, drop := map[string]string{}, []string{}
	for key := range s.dirty {
		if value, ok := s.row(key); ok {
			put[key] = value
		} else {
			drop = append(drop, key)
		}
	}
	for id, r := range s.changed {
		put[orderKey(id)] = encode(r)
		x.seen.put(r)
	}
	s.dirty, s.changed = map[string]bool{}, map[trading.OrderID]record{}
	if len(put)+len(drop) == 0 {
		return
	}
	slices.Sort(drop)
	x.cfg.Book.SaveBook(x.cfg.Account, put, drop)
}

// row is the text of one key, false when there is no such thing any more.
func (s *state) row(key string) (string, bool) {
	switch {
	case key == walletKey:
		return encode(s.cash), true
	case strings.HasPrefix(key, holdingPrefix):
		for p, h := range s.holdings {
			if holdingKey(p) == key {
				return encode(h), true
			}
		}
	case strings.HasPrefix(key, openPrefix):
		if r, ok := s.open(trading.OrderID(strings.TrimPrefix(key, openPrefix))); ok {
			return encode(r), true
		}
	case strings.HasPrefix(key, newsPrefix):
		for _, n := range s.news {
			if newsKey(n.Seq) == key {
				return encode(n), true
			}
		}
	}
	return "", false
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("paper: a row that cannot be written: " + err.Error())
	}
	return string(text)
}

// find is an order by client order id, however old.
func (x *Exchange) find(ctx context.Context, id trading.OrderID) (record, bool, error) {
	if r, ok := x.state.open(id); ok {
		return r, true, nil
	}
	if r, ok := x.seen.get(id); ok {
		return r, true, nil
	}
	value, ok, err := x.cfg.Book.BookValue(ctx, x.cfg.Account, orderKey(id))
	if err != nil || !ok {
		return record{}, false, trading.Wrap(trading.Unavailable, err, "read order "+string(id)+" of paper account "+string(x.cfg.Account))
	}
	var r record
	if err := json.Unmarshal([]byte(value), &r); err != nil {
		return record{}, false, trading.Errorf(trading.Internal, "read order %s of paper account %s: %w", id, x.cfg.Account, err)
	}
	return r, true, nil
}

func sortedKeys(rows map[string]string) []string {
	keys := make([]string, 0, len(rows))
	for key := range rows {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// compareIDs compares numbered ids of different length.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
