package telegram

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-telegram/bot"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// address is what a file may be called at the server: Telegram makes it up, and nothing of ours may be reached by it.
var address = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9_./-]{0,511}$`)

// File fetches what somebody uploaded, of at most so many bytes. It fails with Refused for a larger one, and with NotFound for one that
// Telegram has dropped.
func (c *Client) File(ctx context.Context, id string, most int64) ([]byte, error) {
	_, token, err := c.speaker()
	if err != nil {
		return nil, err
	}
	var where string
	var size int64
	err = c.call(func(b *bot.Bot) error {
		f, err := b.GetFile(ctx, &bot.GetFileParams{FileID: id})
		if err == nil {
			where, size = f.FilePath, f.FileSize
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if size > most {
		return nil, tooLarge(most)
	}
	if !address.MatchString(where) || strings.Contains(where, "..") || strings.Contains(where, "//") {
		return nil, trading.Errorf(trading.Rejected, "the server keeps this file where it cannot be fetched from")
	}
	answer, err := c.files.Do(ctx, wire.Request{
		Method: "GET", Path: "/file/bot" + token + "/" + where, AnyType: true, Abortable: true, Most: int(min(most, maxDownload)),
	})
	switch {
	case errors.Is(err, wire.ErrLarger):
		return nil, tooLarge(most)
	case err != nil:
		return nil, kinded(lost("download", err), token)
	case answer.Status == http.StatusNotFound:
		return nil, trading.Errorf(trading.NotFound, "Telegram has this file no more: send it again")
	case answer.Status != http.StatusOK:
		return nil, trading.Errorf(trading.Unavailable, "download: Telegram answered with HTTP %d", answer.Status)
	case int64(len(answer.Body)) > most:
		return nil, tooLarge(most)
	}
	return answer.Body, nil
}

// maxDownload is the largest file that a bot can fetch.
// Source: core.telegram.org/bots/api#getfile.
const maxDownload = 20 << 20

func tooLarge(most int64) error {
	return trading.Errorf(trading.Refused, "the file is larger than %d KiB: send a smaller one", most>>10)
}
