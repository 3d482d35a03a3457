package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

// freeBatch bounds how many keys one transaction looks at, so that no alert waits for long behind it.
const freeBatch = 500

// metaFreed is there once a key was set free.
const metaFreed = "keys_freed"

// Ripe are the keys whose time has ended, as far as that can be told without looking at their orders.
type Ripe struct {
	// Window means keys that were only known by a time window, else exact ones.
	Window bool
	// UpTo is the newest signal among them, see NewestSignal, and Before the time before which it must have been received.
	UpTo   int64
	Before time.Time
}

// Freed is what one step of FreeKeys did.
type Freed struct {
	Keys int
	// Last is where the next step goes on, 0 when there is nothing more.
	Last int64
}

// The keys in use, by kind: the predicates of the indexes signals_exact and signals_window, word for word.
const (
	exactKeys  = `signals AS s INDEXED BY signals_exact WHERE s.key >= '=' AND s.key < '>'`
	windowKeys = `signals AS s INDEXED BY signals_window WHERE s.key >= '~'`
)

const (
	ripeColumns = `SELECT s.seq, s.key, s.status, s.received_at, CASE s.parent WHEN '' THEN s.id ELSE s.parent END FROM `
	ripeRange   = ` AND s.seq > ? AND s.seq <= ? ORDER BY s.seq LIMIT ?`
	ripeExact   = ripeColumns + exactKeys + ripeRange
	ripeWindow  = ripeColumns + windowKeys + ripeRange
)

// liveAlerts are the alerts of which an order is not final on any account, or waits for a person.
const liveAlerts = `
SELECT DISTINCT CASE s.parent WHEN '' THEN s.id ELSE s.parent END
FROM orders AS o INDEXED BY orders_open
JOIN signals AS s ON s.id = o.signal_id
WHERE ` + openOrders

// candidate is a key in use whose time may have ended; alert is the signal that the door was answered with.
type candidate struct {
	seq      int64
	key      string
	status   trading.SignalStatus
	received int64
	alert    trading.SignalID
}

// FreeKeys sets the next ripe keys after a signal free: an alert that comes with one of them is a new one from then on. A key
// stays while anything of its alert is not final, on whatever account, or waits for a person. The signal itself stays for
// ever; only its key and the answer for repeats go. One step is one transaction that looks at 500 keys at most, and all
// signals of one alert go together. Doing a step again changes nothing.
func (db *DB) FreeKeys(ctx context.Context, r Ripe, after int64, at time.Time) (Freed, error) {
	var done Freed
	err := db.do(ctx, "set keys free", func(t *tx) error {
		done = Freed{}
		list, err := t.candidates(r, after)
		if err != nil || len(list) == 0 {
			return err
		}
		if len(list) == freeBatch {
			list = wholeAlerts(list)
			done.Last = list[len(list)-1].seq
		}
		live, err := t.liveAlerts()
		if err != nil {
			return err
		}
		for _, c := range list {
			if live[c.alert] || !c.status.Final() || c.received >= millis(r.Before) {
				continue
			}
			if err := t.freeKey(c, at); err != nil {
				return err
			}
			done.Keys++
		}
		return nil
	})
	return done, err
}

func (t *tx) candidates(r Ripe, after int64) ([]candidate, error) {
	query := ripeExact
	if r.Window {
		query = ripeWindow
	}
	var list []candidate
	rows, err := t.rows(query, after, r.UpTo, freeBatch)
	err = each(rows, err, func(r *sql.Rows) error {
		var c candidate
		err := r.Scan(&c.seq, &c.key, &c.status, &c.received, &c.alert)
		list = append(list, c)
		return err
	})
	return list, err
}

// wholeAlerts leaves an alert on several accounts whose signals did not all fit to the next step.
func wholeAlerts(list []candidate) []candidate {
	end := len(list) - 1
	for end > 0 && list[end-1].alert == list[end].alert {
		end--
	}
	if end == 0 {
		return list
	}
	return list[:end]
}

func (t *tx) liveAlerts() (map[trading.SignalID]bool, error) {
	live := map[trading.SignalID]bool{}
	rows, err := t.rows(liveAlerts)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.SignalID
		err := r.Scan(&id)
		live[id] = true
		return err
	})
	return live, err
}

func (t *tx) freeKey(c candidate, at time.Time) error {
	if !t.head.freed {
		if _, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, '1') ON CONFLICT (key) DO NOTHING`, metaFreed); err != nil {
			return err
		}
		t.head.freed = true
	}
	_, err := t.exec(`UPDATE signals SET key = ?, answer = '' WHERE seq = ?`, freedKey(c.key, c.seq, at), c.seq)
	return err
}

// NewestSignal is the number of the newest signal, 0 when there is none. Numbers grow.
func (db *DB) NewestSignal(ctx context.Context) (seq int64, err error) {
	err = db.queryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM signals`).Scan(&seq)
	return seq, db.fault(err, "read the newest signal")
}

// KeysInUse counts the keys by which a repeat is known.
func (db *DB) KeysInUse(ctx context.Context) (n int, err error) {
	err = db.queryRow(ctx, `SELECT (SELECT COUNT(*) FROM `+exactKeys+`) + (SELECT COUNT(*) FROM `+windowKeys+`)`).Scan(&n)
	return n, db.fault(err, "count the keys in use")
}

// checkKeys tells the first signal whose key is of no kind, or was set free as another's, or "".
func (db *DB) checkKeys(ctx context.Context) (string, error) {
	wrong := ""
	rows, err := db.query(ctx, `SELECT id, seq, key FROM signals ORDER BY seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.SignalID
		var seq int64
		var key string
		err := r.Scan(&id, &seq, &key)
		if wrong == "" && err == nil && !keyFits(key, seq) {
			wrong = fmt.Sprintf("the key of signal %s is %q: a repeat of its alert would not be known", id, key)
		}
		return err
	})
	return wrong, err
}

func keyFits(key string, seq int64) bool {
	if strings.HasPrefix(key, "=") || strings.HasPrefix(key, "~") {
		return true
	}
	length, rest, _ := strings.Cut(strings.TrimPrefix(key, "!"), ":")
	n, err := strconv.Atoi(length)
	if err != nil || !strings.HasPrefix(key, "!") || n < 0 || n > len(rest) {
		return false
	}
	return strings.HasPrefix(rest[n:], fmt.Sprintf("@%019d.", seq))
}
