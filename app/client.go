package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"hoox/backend/trading"
)

// client is a command's line to the running instance.
type client struct {
	at   controlFile
	http *http.Client
}

// exit is how a command ends that did not do what it was asked.
type exit struct {
	code  int
	fault Fault
}

func (e *exit) Error() string { return e.fault.Message }

// ended makes the end of a command from words.
func ended(code int, format string, args ...any) error {
	return &exit{code, Fault{Kind: exitKind(code), Message: fmt.Sprintf(format, args...)}}
}

// exitKind is the kind that machine output shows for an end of our own making.
func exitKind(code int) string {
	switch code {
	case exitUsage:
		return string(trading.Invalid)
	case exitNotRunning:
		return string(trading.Unavailable)
	case exitRefused:
		return string(trading.Refused)
	case exitUnknown:
		return string(trading.Unknown)
	case exitLocked:
		return string(trading.Conflict)
	default:
		return string(trading.Internal)
	}
}

// connect finds the running instance of a data folder. Without one it ends with "not running".
func connect(dataDir string) (*client, error) {
	at, err := readControlFile(dataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist) || (err == nil && !held(dataDir)):
		return nil, ended(exitNotRunning, "hoox is not running on %s: start it with `hoox` or `hoox serve`", dataDir)
	case err != nil:
		return nil, ended(exitFailed, "%v", err)
	}
	return &client{at, &http.Client{
		Timeout:       12 * time.Second,
		Transport:     &http.Transport{DisableCompression: true, Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// call asks one method. A fault of the other side ends the command with the code of its kind.
func (c *client) call(ctx context.Context, method string, request, answer any) error {
	return c.post(ctx, "/api/"+method, request, answer)
}

func (c *client) post(ctx context.Context, path string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("write request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, trimURL(c.at.Control)+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("address the running instance: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.at.Token)
	resp, err := c.http.Do(req)
	if err != nil {
		if refusedToConnect(err) {
			return ended(exitNotRunning, "hoox does not answer on %s: is it still starting, or stopping?", c.at.Control)
		}
		return ended(exitUnknown, "hoox gave no answer on %s: it may have done it; look with `hoox status`", c.at.Control)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return ended(exitUnknown, "the answer of hoox broke off: it may have done it; look with `hoox status`")
	}
	if resp.StatusCode != http.StatusOK {
		var fault Fault
		if json.Unmarshal(text, &fault) != nil || fault.Kind == "" {
			return ended(exitFailed, "hoox answered %d on %s", resp.StatusCode, c.at.Control)
		}
		return &exit{exitOf(fault.Kind), fault}
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return ended(exitFailed, "the answer of hoox cannot be read: is it another version? restart it")
	}
	return nil
}
