package sqlite

import (
	"context"
	"database/sql"
	"math"
	"strconv"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

const uploadColumns = `seq, at, user, who, name, title, type, size, sha256, caption`

func scanUpload(s scanner) (chat.Uploaded, error) {
	var u chat.Uploaded
	var at int64
	err := s.Scan(&u.ID, &at, &u.User, &u.Who, &u.Name, &u.Title, &u.Type, &u.Size, &u.SHA256, &u.Caption)
	u.At = fromMillis(at)
	return u, err
}

// SaveUpload writes down a file that is kept.
func (c *Chats) SaveUpload(ctx context.Context, u chat.Uploaded) error {
	return c.do(ctx, "store an upload", func(t *sql.Tx) error {
		_, err := t.Exec(`INSERT INTO uploads (at, user, who, name, title, type, size, sha256, caption) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			millis(u.At), u.User, chat.Line(u.Who, 64), u.Name, chat.Line(u.Title, 120), u.Type, u.Size, u.SHA256, cut(u.Caption, chat.MaxCaption))
		return err
	})
}

// Uploads lists what is kept, newest first. Invalid for a cursor that no page gave.
func (c *Chats) Uploads(ctx context.Context, limit int, cursor string) (list []chat.Uploaded, next string, err error) {
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, pageLimit)
	top := int64(math.MaxInt64)
	if cursor != "" {
		if top, err = strconv.ParseInt(cursor, 10, 64); err != nil || top <= 0 {
			return nil, "", trading.FieldError("cursor", "want one that an earlier page gave")
		}
	}
	list = []chat.Uploaded{}
	rows, err := c.read.QueryContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE seq < ? ORDER BY seq DESC LIMIT ?`, top, limit+1)
	err = each(rows, err, func(r *sql.Rows) error {
		u, err := scanUpload(r)
		list = append(list, u)
		return err
	})
	if len(list) > limit {
		list = list[:limit]
		next = strconv.FormatInt(list[limit-1].ID, 10)
	}
	return list, next, faultOf(err, "list uploads", c.dir)
}

// Upload is one of them. NotFound when there is none.
func (c *Chats) Upload(ctx context.Context, id int64) (chat.Uploaded, error) {
	u, err := scanUpload(c.read.QueryRowContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE seq = ?`, id))
	if notFound(err) {
		return u, trading.Errorf(trading.NotFound, "there is no upload %d", id)
	}
	return u, faultOf(err, "read an upload", c.dir)
}

// DropUpload forgets one. The file is the caller's to remove, before: a row without a file can be dropped again.
func (c *Chats) DropUpload(ctx context.Context, id int64) error {
	return c.do(ctx, "drop an upload", func(t *sql.Tx) error {
		_, err := t.Exec(`DELETE FROM uploads WHERE seq = ?`, id)
		return err
	})
}

// OldUploads are those that were kept before a moment, oldest first.
func (c *Chats) OldUploads(ctx context.Context, before time.Time) ([]chat.Uploaded, error) {
	list := []chat.Uploaded{}
	rows, err := c.read.QueryContext(ctx, `SELECT `+uploadColumns+` FROM uploads WHERE at < ? ORDER BY seq LIMIT 100`, millis(before))
	err = each(rows, err, func(r *sql.Rows) error {
		u, err := scanUpload(r)
		list = append(list, u)
		return err
	})
	return list, faultOf(err, "list old uploads", c.dir)
}
