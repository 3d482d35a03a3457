package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// numbersHold is how long the messenger counts its updates on. After a week in which nothing came it may begin anywhere; an
// update that came again is known by its row.
// Source: core.telegram.org/bots/api#update.
const numbersHold = 6 * 24 * time.Hour

// longestWords bounds what the log keeps of one message, in characters.
const longestWords = chat.MaxText

// TakenUpdate is the highest number of an update that was taken or passed over; 0 when there is none, or when that is so long ago
// that the messenger may count anew.
func (c *Chats) TakenUpdate(ctx context.Context) (int64, error) {
	var id, at int64
	if err := c.read.QueryRowContext(ctx, `SELECT update_id, at FROM taken`).Scan(&id, &at); err != nil {
		return 0, faultOf(err, "read how far updates were taken", c.dir)
	}
	if c.now().Sub(fromMillis(at)) > numbersHold {
		return 0, nil
	}
	return id, nil
}

// TakeUpdate writes an update down, before anything is done about it, and moves the mark. It is false for one that was taken
// before: that one is in other hands, or done with.
func (c *Chats) TakeUpdate(ctx context.Context, u chat.Update, at time.Time) (fresh bool, err error) {
	body, err := encode(u, false)
	if err != nil {
		return false, faultOf(err, "take an update", c.dir)
	}
	words := u.Words
	if u.Kind == chat.Pressed {
		words = u.Button
	}
	err = c.do(ctx, "take an update", func(t *sql.Tx) error {
		result, err := t.Exec(`
INSERT INTO updates (update_id, at, chat, user, name, kind, words, state, detail, body)
VALUES (?, ?, ?, ?, ?, ?, ?, 'begun', '', ?)
ON CONFLICT (update_id) DO NOTHING`, u.ID, millis(at), u.Chat, u.User, chat.Line(u.Name, 64), string(u.Kind), cut(words, longestWords), body)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		fresh = n == 1
		return moveMark(t, u.ID, at)
	})
	return fresh && err == nil, err
}

// PassUpdates moves the mark past updates that nobody answers. Nothing else is kept of them.
func (c *Chats) PassUpdates(ctx context.Context, upTo int64) error {
	return c.do(ctx, "pass updates over", func(t *sql.Tx) error { return moveMark(t, upTo, c.now()) })
}

// moveMark moves it forward only, unless it is so old that it says nothing.
func moveMark(t *sql.Tx, id int64, at time.Time) error {
	_, err := t.Exec(`UPDATE taken SET update_id = CASE WHEN at < ? THEN ? ELSE MAX(update_id, ?) END, at = ?`,
		millis(at.Add(-numbersHold)), id, id, millis(at))
	return err
}

// EndUpdate writes down what came of an update, and the messages that tell of it. It does nothing for one that has ended.
func (c *Chats) EndUpdate(ctx context.Context, id int64, state, detail string, replies []chat.Message, at time.Time) error {
	if state == chat.Begun {
		return trading.Errorf(trading.Internal, "end update %d: it cannot end as %q", id, state)
	}
	return c.do(ctx, "end an update", func(t *sql.Tx) error {
		result, err := t.Exec(`UPDATE updates SET state = ?, detail = ?, body = '' WHERE update_id = ? AND state = 'begun'`, state, cut(detail, 500), id)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return post(t, replies, at)
	})
}

// BegunUpdates are those that were taken and of which nobody said what came of them, oldest first.
func (c *Chats) BegunUpdates(ctx context.Context) ([]chat.Update, error) {
	list := []chat.Update{}
	rows, err := c.read.QueryContext(ctx, `SELECT body FROM updates WHERE state = 'begun' ORDER BY seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var body string
		var u chat.Update
		if err := r.Scan(&body); err != nil {
			return err
		}
		if err := decode(body, &u); err != nil {
			return err
		}
		list = append(list, u)
		return nil
	})
	return list, faultOf(err, "list updates that were begun", c.dir)
}

// cut is at most so many characters of a text.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
