package sqlite

import (
	"context"
	"database/sql"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// AdmitAll writes one alert that goes to several accounts: each intake as Admit does, all of them in one transaction, so
// that a crash leaves all or none. The first is the alert's own; the others name it as their parent. When the first is
// known, its receipt comes alone, as from Admit, and nothing is written; when only a further one is, that one is passed
// over. Decide is told which intake it decides; it must be pure.
func (db *DB) AdmitAll(ctx context.Context, all []trading.Intake, decide func(n int, book risk.Book) risk.Decision) ([]trading.Receipt, error) {
	if len(all) == 0 {
		return nil, trading.Errorf(trading.Internal, "admit: want at least one intake")
	}
	var receipts []trading.Receipt
	err := db.do(ctx, "admit signal "+string(all[0].Signal.ID), func(t *tx) error {
		receipts = nil
		for n, in := range all {
			r, err := t.admit(in, func(b risk.Book) risk.Decision { return decide(n, b) })
			if err != nil {
				return err
			}
			receipts = append(receipts, r)
			if n == 0 && (r.Duplicate || r.Conflict) {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

const childrenOf = `
SELECT s.parent, s.id, s.account, s.status, s.reason
FROM signals AS s INDEXED BY signals_parent
WHERE s.parent <> '' AND s.parent IN (SELECT value FROM json_each(?))
ORDER BY s.seq`

func scanChild(s scanner) (trading.Receipt, error) {
	var c trading.Receipt
	err := s.Scan(&c.Parent, &c.Signal, &c.Account, &c.Status, &c.Reason)
	return c, err
}

// children are the same alert on the further accounts of its strategy, as it stands there.
func (db *DB) children(ctx context.Context, id trading.SignalID) ([]trading.Receipt, error) {
	one := map[trading.SignalID]*trading.SignalRecord{id: {}}
	names, err := encodeNames([]trading.SignalID{id})
	if err == nil {
		err = db.addChildren(ctx, names, one)
	}
	return one[id].Children, err
}

// addChildren puts the children of signals, named in JSON, to their parents.
func (db *DB) addChildren(ctx context.Context, names string, at map[trading.SignalID]*trading.SignalRecord) error {
	rows, err := db.query(ctx, childrenOf, names)
	return each(rows, err, func(r *sql.Rows) error {
		c, err := scanChild(r)
		if err == nil {
			at[c.Parent].Children = append(at[c.Parent].Children, c)
		}
		return err
	})
}
