package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/trading"
)

// Arrival is one alert as it came in.
type Arrival struct {
	Signal trading.SignalID
	At     time.Time
	// Deliveries counts how often the same alert came.
	Deliveries int
	// Raw is what was sent, without keys.
	Raw string
}

// mostArrivals bounds one answer of Arrivals.
const mostArrivals = 200_000

// Arrivals are the alerts of the webhook that were received in a time, both ends included, oldest first. One alert that
// ran on several accounts is there once. It fails with Invalid when there are more than anybody compares by hand.
func (db *DB) Arrivals(ctx context.Context, from, to time.Time) ([]Arrival, error) {
	list := []Arrival{}
	rows, err := db.query(ctx, `
SELECT id, received_at, deliveries, raw
FROM signals
WHERE received_at >= ? AND received_at <= ? AND source = ? AND parent = ''
ORDER BY received_at, seq
LIMIT ?`, millis(from), millis(to), string(trading.FromWebhook), mostArrivals+1)
	err = each(rows, err, func(r *sql.Rows) error {
		var a Arrival
		var at int64
		if err := r.Scan(&a.Signal, &at, &a.Deliveries, &a.Raw); err != nil {
			return err
		}
		more, _, _ := db.riding(a.Signal)
		a.At, a.Deliveries = fromMillis(at), a.Deliveries+int(more)
		list = append(list, a)
		return nil
	})
	if err == nil && len(list) > mostArrivals {
		return nil, trading.Errorf(trading.Invalid, "more than %d alerts came in that time: compare a shorter one", mostArrivals)
	}
	return list, db.fault(err, "read alerts of a time")
}

// Heard tells whether an alert of a strategy was received since then.
func (db *DB) Heard(ctx context.Context, strategy string, since time.Time) (bool, error) {
	var one int
	err := db.queryRow(ctx, `SELECT 1 FROM signals WHERE received_at >= ? AND strategy = ? LIMIT 1`, millis(since), strategy).Scan(&one)
	if notFound(err) {
		return false, nil
	}
	return err == nil, db.fault(err, "listen for strategy "+strategy)
}

// ExpiredBetween counts the signals whose time ran out after one moment and until another.
func (db *DB) ExpiredBetween(ctx context.Context, after, until time.Time) (n int, err error) {
	err = db.queryRow(ctx, `SELECT COUNT(*) FROM signals WHERE status = 'expired' AND deadline > ? AND deadline <= ?`, millis(after), millis(until)).Scan(&n)
	return n, db.fault(err, "count signals that expired")
}
