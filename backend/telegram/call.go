package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/go-telegram/bot"

	"hoox/backend/chat"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// maxUpload bounds one request. Telegram takes pictures of up to 10 MB.
const maxUpload = 12 << 20

// call has the library make one call. The error has a kind and no token.
func (c *Client) call(run func(b *bot.Bot) error) error {
	b, token, err := c.speaker()
	if err != nil {
		return err
	}
	return kinded(run(b), token)
}

// kinded gives an error of the library its kind, and takes the token out of it.
func kinded(err error, token string) error {
	if err == nil {
		return nil
	}
	var known *trading.Error
	if !errors.As(err, &known) {
		// The answer was read in full and makes no sense to the library.
		known = &trading.Error{Kind: trading.Unknown, Message: err.Error()}
	}
	return &trading.Error{Kind: known.Kind, Message: veiled(known.Message, token), Wait: known.Wait}
}

// veiled is a text for people: one line, without the token.
func veiled(text, token string) string {
	if token != "" {
		text = strings.ReplaceAll(text, token, "(token)")
	}
	return chat.Line(text, 300)
}

// carrier takes the library's requests to the wire.
type carrier struct{ c *Client }

// Do makes one request of the library. An answer that is a no comes back as an error with a kind.
func (k carrier) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxUpload+1))
	if err != nil {
		return nil, trading.Errorf(trading.Internal, "write a request: %v", err)
	}
	if len(body) > maxUpload {
		return nil, trading.Errorf(trading.Rejected, "the request is larger than %d MiB, which Telegram does not take", maxUpload>>20)
	}
	way := k.c.calls
	if path.Base(request.URL.Path) == "sendPhoto" {
		way = k.c.uploads
	}
	answer, err := k.c.post(request.Context(), way, request.URL.Path, request.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	answer, err = numberOnly(path.Base(request.URL.Path), answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer)), Request: request}, nil
}

// numberOnly leaves of a message that was sent or edited its number. The library reads all of it, and what it cannot read of a newer
// kind of message would look like a message that never arrived.
func numberOnly(method string, answer []byte) ([]byte, error) {
	if !strings.HasPrefix(method, "send") && !strings.HasPrefix(method, "edit") {
		return answer, nil
	}
	var message struct {
		Result struct {
			Number int64 `json:"message_id"`
		} `json:"result"`
	}
	if err := json.Unmarshal(answer, &message); err != nil || message.Result.Number <= 0 {
		return nil, trading.Errorf(trading.Unknown, "%s: Telegram's answer does not tell the message's number", method)
	}
	return fmt.Appendf(nil, `{"ok":true,"result":{"message_id":%d}}`, message.Result.Number), nil
}

// verdict is the outer part of every answer.
type verdict struct {
	OK          bool   `json:"ok"`
	Code        int    `json:"error_code"`
	Description string `json:"description"`
	Parameters  struct {
		RetryAfter int64 `json:"retry_after"`
		MovedTo    int64 `json:"migrate_to_chat_id"`
	} `json:"parameters"`
}

// post makes one attempt at one call and returns the whole answer, which is a yes.
func (c *Client) post(ctx context.Context, way *wire.Client, address, kind string, body []byte) ([]byte, error) {
	method, begun := path.Base(address), c.now()
	answer, err := way.Do(ctx, wire.Request{Method: "POST", Path: address, Type: kind, Body: body, Most: maxAnswer, Abortable: true})
	if err != nil {
		return nil, lost(method, err)
	}
	var v verdict
	if !answer.JSON || json.Unmarshal(answer.Body, &v) != nil || !v.OK && v.Code == 0 {
		return nil, trading.Errorf(trading.Unknown, "%s: what answered with HTTP %d is not Telegram: something stands in between", method, answer.Status)
	}
	c.answered(begun, way == c.polls)
	if !v.OK {
		return nil, refusal(method, v)
	}
	return answer.Body, nil
}

// lost is a call that brought no answer.
func lost(method string, err error) error {
	var attempt *wire.Error
	if errors.As(err, &attempt) && !attempt.Sent {
		return trading.Errorf(trading.Unavailable, "%s: %v", method, err)
	}
	return trading.Errorf(trading.Unknown, "%s: %v", method, err)
}
