package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// ChatLog lists what was said, newest first. Invalid for a cursor that no page gave.
func (c *Chats) ChatLog(ctx context.Context, limit int, cursor string) (lines []chat.LogLine, next string, err error) {
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, pageLimit)
	at, in, id := int64(math.MaxInt64), 2, int64(0)
	if cursor != "" {
		if n, err := fmt.Sscanf(cursor, "%d.%d.%d", &at, &in, &id); err != nil || n != 3 || cursor != logCursor(at, in, id) {
			return nil, "", trading.FieldError("cursor", "want one that an earlier page gave")
		}
	}
	// Each side is cut for itself, so that its index serves it.
	rows, err := c.read.QueryContext(ctx, `
SELECT * FROM (SELECT at, 1 AS came, seq, chat, name, kind, words, state, detail FROM updates
  WHERE (at, 1, seq) < (?1, ?2, ?3) ORDER BY at DESC, seq DESC LIMIT ?4)
UNION ALL
SELECT * FROM (SELECT at, 0 AS came, seq, chat, '' AS name, kind, html AS words, state, detail FROM messages
  WHERE (at, 0, seq) < (?1, ?2, ?3) ORDER BY at DESC, seq DESC LIMIT ?4)
ORDER BY at DESC, came DESC, seq DESC
LIMIT ?4`, at, in, id, limit+1)
	lines = []chat.LogLine{}
	var ats []int64
	err = each(rows, err, func(r *sql.Rows) error {
		var l chat.LogLine
		var at int64
		err := r.Scan(&at, &l.In, &l.ID, &l.Chat, &l.Who, &l.Kind, &l.Words, &l.State, &l.Detail)
		l.At = fromMillis(at)
		if !l.In {
			l.Words = chat.Words(l.Words)
		}
		lines, ats = append(lines, l), append(ats, at)
		return err
	})
	if err == nil && len(lines) > limit {
		lines = lines[:limit]
		last := lines[limit-1]
		came := 0
		if last.In {
			came = 1
		}
		next = logCursor(ats[limit-1], came, last.ID)
	}
	return lines, next, faultOf(err, "list what was said", c.dir)
}

func logCursor(at int64, came int, id int64) string {
	return strings.Join([]string{fmt.Sprint(at), fmt.Sprint(came), fmt.Sprint(id)}, ".")
}
