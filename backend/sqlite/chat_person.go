package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// People lists who was paired, in the order they were.
func (c *Chats) People(ctx context.Context) ([]chat.Person, error) {
	list := []chat.Person{}
	rows, err := c.read.QueryContext(ctx, `SELECT user, name, role, chat, paired_at, paired_by, seen_at FROM people ORDER BY paired_at, user`)
	err = each(rows, err, func(r *sql.Rows) error {
		var p chat.Person
		var paired, seen int64
		err := r.Scan(&p.User, &p.Name, &p.Role, &p.Chat, &paired, &p.PairedBy, &seen)
		p.PairedAt, p.SeenAt = fromMillis(paired), fromMillis(seen)
		list = append(list, p)
		return err
	})
	return list, faultOf(err, "list people", c.dir)
}

// SavePerson stores a person, or what changed about one.
func (c *Chats) SavePerson(ctx context.Context, p chat.Person) error {
	return c.do(ctx, "store a person", func(t *sql.Tx) error {
		_, err := t.Exec(`
INSERT INTO people (user, name, role, chat, paired_at, paired_by, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (user) DO UPDATE
SET name = excluded.name, role = excluded.role, chat = excluded.chat, paired_at = excluded.paired_at, paired_by = excluded.paired_by`,
			p.User, chat.Line(p.Name, 64), string(p.Role), p.Chat, millis(p.PairedAt), p.PairedBy, millis(p.SeenAt))
		return err
	})
}

// RemovePerson forgets a person, and what still was to be told to them. NotFound when there is none.
func (c *Chats) RemovePerson(ctx context.Context, user int64) error {
	return c.do(ctx, "forget a person", func(t *sql.Tx) error {
		var room int64
		err := t.QueryRow(`DELETE FROM people WHERE user = ? RETURNING chat`, user).Scan(&room)
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "nobody with the number %d is paired", user)
		}
		if err != nil {
			return err
		}
		_, err = t.Exec(`UPDATE messages SET state = 'failed', detail = 'the person was removed', picture = NULL WHERE chat = ? AND state = 'waiting'`, room)
		return err
	})
}

// PersonSeen writes down when somebody last asked for something. One who is not there stays so.
func (c *Chats) PersonSeen(ctx context.Context, user int64, at time.Time) error {
	return c.do(ctx, "note that a person was seen", func(t *sql.Tx) error {
		_, err := t.Exec(`UPDATE people SET seen_at = MAX(seen_at, ?) WHERE user = ?`, millis(at), user)
		return err
	})
}
