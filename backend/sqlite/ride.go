package sqlite

import "hoox/backend/trading"

// passenger is what is known about a signal in memory and rides along with the next commit: it never causes a flush of its
// own while duplicates pour in.
type passenger struct {
	deliveries int64
	answered   int
	answer     string
	// aboard marks what the running transaction has written, so that a commit can forget exactly that.
	aboard         int64
	aboardAnswered int
}

// Delivered counts one more delivery of a known signal, in memory; it is written with the next commit.
func (db *DB) Delivered(id trading.SignalID) {
	w := db.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passenger(id).deliveries++
}

// Answered puts on record what the first delivery was answered with, the HTTP status and the body. The first call for a
// signal counts; it is written with the next commit or after a second.
func (db *DB) Answered(id trading.SignalID, status int, body []byte) {
	w := db.writer
	w.mu.Lock()
	if p := w.passenger(id); p.answered == 0 {
		p.answered, p.answer = status, string(body)
	}
	w.mu.Unlock()
	ring(w.ride)
}

func (w *writer) passenger(id trading.SignalID) *passenger {
	p := w.rides[id]
	if p == nil {
		p = &passenger{}
		w.rides[id] = p
	}
	return p
}

// riding is what memory knows about a signal beyond its row.
func (db *DB) riding(id trading.SignalID) (deliveries int64, answered int, answer string) {
	w := db.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.rides[id]; p != nil {
		return p.deliveries, p.answered, p.answer
	}
	return 0, 0, ""
}

const writeRide = `
UPDATE signals
SET deliveries = deliveries + ?, answered = CASE WHEN answered = 0 THEN ? ELSE answered END,
  answer = CASE WHEN answered = 0 THEN ? ELSE answer END
WHERE id = ?`

// writeRides writes every passenger. They leave memory when the commit is through, see alight.
func (t *tx) writeRides() error {
	type line struct {
		id         trading.SignalID
		deliveries int64
		answered   int
		answer     string
	}
	t.w.mu.Lock()
	lines := make([]line, 0, len(t.w.rides))
	for id, p := range t.w.rides {
		p.aboard, p.aboardAnswered = p.deliveries, p.answered
		lines = append(lines, line{id, p.deliveries, p.answered, p.answer})
	}
	t.w.mu.Unlock()
	for _, l := range lines {
		if _, err := t.exec(writeRide, l.deliveries, l.answered, l.answer, string(l.id)); err != nil {
			return err
		}
	}
	return nil
}

// alight forgets what was committed and keeps what came in meanwhile.
func (w *writer) alight() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, p := range w.rides {
		p.deliveries -= p.aboard
		if p.aboardAnswered != 0 {
			p.answered, p.answer = 0, ""
		}
		p.aboard, p.aboardAnswered = 0, 0
		if p.deliveries == 0 && p.answered == 0 {
			delete(w.rides, id)
		}
	}
}

// unboard keeps every passenger for the next commit.
func (w *writer) unboard() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.rides {
		p.aboard, p.aboardAnswered = 0, 0
	}
}
