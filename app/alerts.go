package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// Alerts is what to paste into TradingView, and a way to try it.
type Alerts struct {
	in  *house
	who actor
}

const (
	// keyMask stands for the webhook key in text that people look at.
	keyMask = "<apiKey>"
	// largestAlert is what the gateway takes, largestReply what we read of its answer.
	largestAlert = 64 << 10
	largestReply = 64 << 10
	// sendBudget is longer than the gateway may ever take.
	sendBudget = 5 * time.Second
)

// Address is where TradingView has to send its alerts.
func (s *Alerts) Address(_ Empty) (WebhookAddress, error) {
	return answer(s.in, "read webhook address", func(context.Context) (WebhookAddress, error) {
		key, err := s.in.webhookKey()
		if err != nil {
			return WebhookAddress{}, err
		}
		if public := s.in.publicly(); public != "" {
			return WebhookAddress{URL: public + "/webhook", Public: true, Note: "An answer came back through this address; the Tunnel page shows when.", KeyHint: key.LastFour()}, nil
		}
		return WebhookAddress{
			URL:     "http://" + s.in.gateway() + "/webhook",
			Note:    "Only this computer can reach it. TradingView needs a public https address on port 443: choose one on the Tunnel page.",
			KeyHint: key.LastFour(),
		}, nil
	})
}

// Reveal is the webhook key itself, because a person asked for it.
func (s *Alerts) Reveal(_ Empty) (RevealedKey, error) {
	d := &deed{what: "reveal webhook key", action: audit.RevealWebhookKey, subject: vault.WebhookKey}
	return act(s.in, s.who, d, func(context.Context) (RevealedKey, error) {
		key, err := s.in.webhookKey()
		if err != nil {
			return RevealedKey{}, err
		}
		s.in.log.Info("webhook key shown", "actor", s.who.name)
		return RevealedKey{Key: key.Reveal()}, nil
	})
}

// Build writes the alert that a trader describes, with the key masked. It fails with Invalid and names the field.
func (s *Alerts) Build(req BuildAlert) (AlertText, error) {
	return answer(s.in, "build alert", func(context.Context) (AlertText, error) { return writeAlert(req) })
}

// Send posts a message to our own gateway over HTTP, as TradingView would: the mask becomes the key, placeholders become
// sample values. It answers whatever the gateway answered, also a refusal. It fails with Invalid for an empty or
// oversized message and with Unavailable when the gateway does not answer.
func (s *Alerts) Send(req SendAlert) (AlertAnswer, error) {
	d := &deed{what: "send alert", action: audit.SendAlert, subject: "the gateway"}
	return act(s.in, s.who, d, func(ctx context.Context) (AlertAnswer, error) {
		if strings.TrimSpace(req.Body) == "" || len(req.Body) > largestAlert {
			return AlertAnswer{}, trading.FieldError("body", "an alert has 1 to %d bytes", largestAlert)
		}
		key, err := s.in.webhookKey()
		if err != nil {
			return AlertAnswer{}, err
		}
		text := fillPlaceholders(req.Body, s.in.now())
		text = strings.ReplaceAll(text, keyMask, key.Reveal())
		ctx, cancel := context.WithTimeout(ctx, sendBudget)
		defer cancel()
		got, err := postAlert(ctx, "http://"+s.in.gateway()+"/webhook", []byte(text), s.in.now)
		got.Body = strings.ReplaceAll(got.Body, key.Reveal(), keyMask)
		d.after, d.detail = "answered "+strconv.Itoa(got.Status), "request "+got.RequestID
		return got, err
	})
}

func (h *house) webhookKey() (vault.Secret, error) {
	key, ok, err := h.vault.Get(vault.WebhookKey)
	if err != nil {
		return vault.Secret{}, err
	}
	if !ok {
		return vault.Secret{}, trading.Errorf(trading.NotFound, "no webhook key is set: `hoox secret set %s`", vault.WebhookKey)
	}
	return key, nil
}

// postAlert sends a message the way TradingView does: JSON as JSON, anything else as plain text, no redirects.
func postAlert(ctx context.Context, url string, body []byte, now func() time.Time) (AlertAnswer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return AlertAnswer{}, trading.Wrap(trading.Internal, err, "address the gateway")
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	if json.Valid(body) {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	client := http.Client{
		Transport:     &http.Transport{DisableCompression: true, Proxy: nil, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	began := now()
	resp, err := client.Do(req)
	if err != nil {
		return AlertAnswer{}, unanswered(ctx, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, largestReply))
	if err != nil {
		return AlertAnswer{}, unanswered(ctx, err)
	}
	got := AlertAnswer{Status: resp.StatusCode, Body: strings.TrimSpace(string(text)), Micros: now().Sub(began).Microseconds()}
	var head struct {
		RequestID string `json:"requestId"`
	}
	if json.Unmarshal(text, &head) == nil {
		got.RequestID = head.RequestID
	}
	return got, nil
}

// unanswered tells an alert that may have arrived from one that cannot have.
func unanswered(ctx context.Context, err error) error {
	if refusedToConnect(err) {
		return trading.Wrap(trading.Unavailable, err, "the gateway does not answer: see Health")
	}
	if ctx.Err() != nil {
		return trading.Wrap(trading.Unknown, ctx.Err(), "the gateway gave no answer in time: see Signals whether the alert arrived")
	}
	return trading.Wrap(trading.Unknown, err, "the gateway broke off: see Signals whether the alert arrived")
}
