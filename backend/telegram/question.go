package telegram

import (
	"context"
	"encoding/json"
	"time"

	"hoox/backend/trading"
)

// maxBatch is how many updates are taken with one question.
const maxBatch = 100

// updates asks for what was said from a number on, and waits until there is something or the time is over. Asking from a number has
// Telegram forget what is before it.
func (c *Client) updates(ctx context.Context, from int64, wait time.Duration) ([]json.RawMessage, error) {
	_, token, err := c.speaker()
	if err != nil {
		return nil, err
	}
	question, err := json.Marshal(struct {
		Offset  int64    `json:"offset,omitempty"`
		Limit   int      `json:"limit"`
		Timeout int      `json:"timeout"`
		Allowed []string `json:"allowed_updates"`
	}{from, maxBatch, int(wait / time.Second), allowed()})
	if err != nil {
		return nil, trading.Wrap(trading.Internal, err, "ask for updates")
	}
	answer, err := c.post(ctx, c.polls, "/bot"+token+"/getUpdates", "application/json", question)
	if err != nil {
		return nil, kinded(err, token)
	}
	var list struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, kinded(trading.Errorf(trading.Unknown, "getUpdates: Telegram's answer cannot be read: %v", err), token)
	}
	return list.Result, nil
}
