package gateway

import (
	"errors"
	"io"
	"net/http"
)

const (
	// hookHeader carries the secret that Telegram was given. Source: core.telegram.org/bots/api#setwebhook.
	hookHeader = "X-Telegram-Bot-Api-Secret-Token"
	// mostHook bounds one update that Telegram posts, in bytes.
	mostHook = 1 << 20
)

// hook hands over what Telegram posts. Whoever does not know the secret is told nothing but that; a post without one is not looked at.
func (g *Gateway) hook(w http.ResponseWriter, r *http.Request) reply {
	secrets := r.Header.Values(hookHeader)
	if len(secrets) != 1 {
		discard(w, r)
		return reply{status: http.StatusForbidden}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostHook))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return reply{status: http.StatusRequestEntityTooLarge, hangUp: true}
	case err != nil:
		return reply{status: http.StatusBadRequest, hangUp: true}
	}
	return reply{status: g.parts.Hook(r.Context(), secrets[0], body)}
}
