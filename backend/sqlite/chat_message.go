package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// PostMessages puts messages into the outbox. One whose key is there already is left out: it was posted before.
func (c *Chats) PostMessages(ctx context.Context, list []chat.Message, at time.Time) error {
	return c.do(ctx, "post messages", func(t *sql.Tx) error { return post(t, list, at) })
}

// NoticeMark is how far something was made into messages; 0 when nothing was.
func (c *Chats) NoticeMark(ctx context.Context, name string) (int64, error) {
	var mark int64
	err := c.read.QueryRowContext(ctx, `SELECT mark FROM marks WHERE name = ?`, name).Scan(&mark)
	if notFound(err) {
		return 0, nil
	}
	return mark, faultOf(err, "read a mark", c.dir)
}

// PostNotices posts messages together with how far they tell, so that no fact is told twice or left out.
func (c *Chats) PostNotices(ctx context.Context, name string, mark int64, list []chat.Message, at time.Time) error {
	return c.do(ctx, "post notices", func(t *sql.Tx) error {
		if _, err := t.Exec(`INSERT INTO marks (name, mark) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET mark = excluded.mark`, name, mark); err != nil {
			return err
		}
		return post(t, list, at)
	})
}

func post(t *sql.Tx, list []chat.Message, at time.Time) error {
	for _, m := range list {
		buttons, err := encode(m.Buttons, len(m.Buttons) == 0)
		if err != nil {
			return err
		}
		var key, picture any
		if m.Key != "" {
			key = m.Key
		}
		if len(m.Picture) > 0 {
			picture = m.Picture
		}
		if _, err := t.Exec(`
INSERT INTO messages (at, chat, kind, html, silent, buttons, edits, picture, key, state, detail, attempts, due_at, number)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', 0, ?, 0)
ON CONFLICT (key) DO NOTHING`, millis(at), m.Chat, m.Kind, m.HTML, m.Silent, buttons, m.Edits, picture, key, millis(at)); err != nil {
			return err
		}
	}
	return nil
}

// DueMessages lists what is to be sent now, oldest first: of each chat the oldest that waits and no other, so that nothing
// overtakes in a chat. What was never tried is due whatever the clock showed when it was posted.
func (c *Chats) DueMessages(ctx context.Context, now time.Time, limit int) ([]chat.Message, error) {
	list := []chat.Message{}
	rows, err := c.read.QueryContext(ctx, `
SELECT seq, at, chat, kind, html, silent, buttons, edits, picture, COALESCE(key, ''), attempts
FROM messages
WHERE seq IN (SELECT MIN(seq) FROM messages WHERE state = 'waiting' GROUP BY chat) AND (attempts = 0 OR due_at <= ?)
ORDER BY seq
LIMIT ?`, millis(now), limit)
	err = each(rows, err, func(r *sql.Rows) error {
		var m chat.Message
		var at int64
		var buttons string
		if err := r.Scan(&m.ID, &at, &m.Chat, &m.Kind, &m.HTML, &m.Silent, &buttons, &m.Edits, &m.Picture, &m.Key, &m.Attempts); err != nil {
			return err
		}
		m.PostedAt = fromMillis(at)
		if err := decode(buttons, &m.Buttons); err != nil {
			return err
		}
		list = append(list, m)
		return nil
	})
	return list, faultOf(err, "list messages to send", c.dir)
}

// MessageSent writes down that the messenger has a message, and under which number. Its picture is not kept.
func (c *Chats) MessageSent(ctx context.Context, id, number int64, at time.Time) error {
	return c.settle(ctx, "note that a message was sent", `
UPDATE messages SET state = 'sent', number = ?, at = ?, picture = NULL, attempts = attempts + 1, detail = ''
WHERE seq = ? AND state = 'waiting'`, number, millis(at), id)
}

// MessageFailed writes down why a message did not go out, and when it is tried again; never when that is zero.
func (c *Chats) MessageFailed(ctx context.Context, id int64, why string, again, at time.Time) error {
	if again.IsZero() {
		return c.settle(ctx, "give a message up", `
UPDATE messages SET state = 'failed', detail = ?, at = ?, picture = NULL, attempts = attempts + 1
WHERE seq = ? AND state = 'waiting'`, cut(why, 500), millis(at), id)
	}
	return c.settle(ctx, "put a message off", `
UPDATE messages SET detail = ?, due_at = ?, attempts = attempts + 1
WHERE seq = ? AND state = 'waiting'`, cut(why, 500), millis(again), id)
}

func (c *Chats) settle(ctx context.Context, operation, query string, args ...any) error {
	return c.do(ctx, operation, func(t *sql.Tx) error {
		result, err := t.Exec(query, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err == nil && n == 0 {
			return trading.Errorf(trading.NotFound, "%s: it does not wait", operation)
		}
		return err
	})
}

// Undelivered counts what waits to be sent, and since when the oldest does; zero when nothing waits.
func (c *Chats) Undelivered(ctx context.Context) (waiting int, oldest time.Time, err error) {
	var at int64
	err = c.read.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(at), 0) FROM messages WHERE state = 'waiting'`).Scan(&waiting, &at)
	return waiting, fromMillis(at), faultOf(err, "count messages that wait", c.dir)
}
