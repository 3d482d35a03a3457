package gateway

import (
	"context"
	"net/http"
	"time"
)

// Health is what the parts said when asked; nil is fine.
type Health struct {
	Store    error
	Settings error
	Queue    error
}

// healthTime bounds one round of questions.
const healthTime = 2 * time.Second

type bindings struct {
	D1    string `json:"d1"`
	KV    string `json:"kv"`
	Queue string `json:"queue"`
}

type pulse struct {
	Success   bool     `json:"success"`
	Status    string   `json:"status"`
	Service   string   `json:"service"`
	Timestamp int64    `json:"timestamp"`
	Bindings  bindings `json:"bindings"`
}

// health asks every part. The reasons stay inside: the page is public.
func (g *Gateway) health(r *http.Request) reply {
	h := g.ask(r.Context())
	p := pulse{
		Success: true, Status: "ok", Service: "hoox", Timestamp: g.parts.Now().UnixMilli(),
		Bindings: bindings{
			D1:    either(h.Store, "connected", "disconnected"),
			KV:    either(h.Settings, "connected", "disconnected"),
			Queue: either(h.Queue, "active", "inactive"),
		},
	}
	if h.Store == nil && h.Settings == nil && h.Queue == nil {
		return reply{status: http.StatusOK, body: encode(p)}
	}
	if silent, ok := g.ill.allow(g.parts.Now()); ok {
		g.parts.Log.Warn("health is degraded", "store", h.Store, "settings", h.Settings, "queue", h.Queue, "unlogged", silent)
	}
	p.Success, p.Status = false, "degraded"
	return reply{status: http.StatusServiceUnavailable, body: encode(p)}
}

// ask bounds the questions under way, since anybody may cause them.
func (g *Gateway) ask(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	select {
	case g.asking <- struct{}{}:
		defer func() { <-g.asking }()
		return g.parts.Health(ctx)
	case <-ctx.Done():
		return Health{Store: ctx.Err(), Settings: ctx.Err(), Queue: ctx.Err()}
	}
}

func either(err error, fine, broken string) string {
	if err != nil {
		return broken
	}
	return fine
}
