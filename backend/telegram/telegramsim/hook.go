package telegramsim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"
)

const (
	// secretHeader is where the secret stands in what is posted.
	secretHeader = "X-Telegram-Bot-Api-Secret-Token"
	// postBudget bounds one post, longestRetry the pause before the next one of the same update.
	postBudget   = 60 * time.Second
	longestRetry = time.Minute
)

// hook is where updates are posted to.
type hook struct {
	url, secret string
	// setAt is when it was last set: more than once a second is refused.
	setAt    time.Time
	failedAt time.Time
	why      string
	// dropped counts the updates that somebody asked to forget.
	dropped int
}

// secretShape is which secrets are taken.
var secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)

// hookPorts are those that updates are posted to.
var hookPorts = []string{"", "443", "80", "88", "8443"}

func (s *Server) setWebhook(r request) (any, *no) {
	if r.args["url"] == "" {
		return s.deleteWebhook(r)
	}
	now := s.cfg.Now()
	if now.Sub(s.hook.setAt) < time.Second {
		return nil, flooded(1)
	}
	s.hook.setAt = now
	u, err := url.Parse(r.args["url"])
	switch {
	case err != nil || u.Host == "":
		return nil, bad("bad webhook: invalid webhook URL specified")
	case u.Scheme != "https" && !s.cfg.Local:
		return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
	case !slices.Contains(hookPorts, u.Port()) && !s.cfg.Local:
		return nil, bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
	case len(r.args["secret_token"]) > 256:
		return nil, bad("secret token is too long")
	case !secretShape.MatchString(r.args["secret_token"]):
		return nil, bad("secret token contains unallowed characters")
	}
	s.drop(r)
	s.allow(r)
	s.abort("terminated by setWebhook request")
	if s.hook.url != u.String() || s.hook.secret != r.args["secret_token"] {
		s.hook.failedAt, s.hook.why = time.Time{}, ""
	}
	s.hook.url, s.hook.secret = u.String(), r.args["secret_token"]
	s.tell()
	return true, nil
}

func (s *Server) deleteWebhook(r request) (any, *no) {
	s.drop(r)
	s.hook.url, s.hook.secret = "", ""
	return true, nil
}

// drop forgets what waits when that is asked for.
func (s *Server) drop(r request) {
	if r.flag("drop_pending_updates") {
		s.hook.dropped += len(s.queue.pending)
		s.queue.pending = nil
	}
}

func (s *Server) webhookInfo(request) (any, *no) {
	out := object{"url": s.hook.url, "has_custom_certificate": false, "pending_update_count": len(s.queue.pending)}
	if !s.hook.failedAt.IsZero() {
		out["last_error_date"], out["last_error_message"] = s.hook.failedAt.Unix(), s.hook.why
	}
	return out, nil
}

// Webhook is where updates are posted to, "" for nowhere, with which secret, and how many updates were dropped because that was asked for.
func (s *Server) Webhook() (url, secret string, dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hook.url, s.hook.secret, s.hook.dropped
}

// SetWebhook is another program that sets the bot's webhook; "" deletes it.
func (s *Server) SetWebhook(url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.url, s.hook.secret = url, secret
	s.abort("terminated by setWebhook request")
	s.tell()
}

// deliver posts updates: of one chat in order, of several as they come. One that fails is posted again, with growing pauses.
func (s *Server) deliver(ctx context.Context) {
	for ctx.Err() == nil {
		s.mu.Lock()
		next, wait := s.due()
		url, secret, news := s.hook.url, s.hook.secret, s.news
		s.mu.Unlock()
		if next == nil {
			s.await(ctx, news, wait)
			continue
		}
		attempt, cancel := context.WithTimeout(ctx, postBudget)
		status, err := s.cfg.Post(attempt, url, secret, next.json())
		cancel()
		s.mu.Lock()
		s.posted(next, status, err)
		s.mu.Unlock()
	}
}

// due is the update to post now; without one, how long until there may be one, zero for no idea. The caller holds the lock.
func (s *Server) due() (*pending, time.Duration) {
	if s.hook.url == "" {
		return nil, 0
	}
	now, blocked, wait := s.cfg.Now(), map[int64]bool{}, time.Duration(0)
	for _, p := range s.queue.pending {
		if blocked[p.chat] {
			continue
		}
		left := p.due.Sub(now)
		if left <= 0 {
			return p, 0
		}
		blocked[p.chat] = true
		if wait == 0 || left < wait {
			wait = left
		}
	}
	return nil, wait
}

func (s *Server) await(ctx context.Context, news <-chan struct{}, wait time.Duration) {
	var timeout <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-ctx.Done():
	case <-news:
	case <-timeout:
	}
}

// posted notes what came of a post. The caller holds the lock.
func (s *Server) posted(p *pending, status int, err error) {
	if err == nil && status >= 200 && status < 300 {
		s.queue.pending = slices.DeleteFunc(s.queue.pending, func(other *pending) bool { return other == p })
		return
	}
	s.hook.failedAt, s.hook.why = s.cfg.Now(), "Wrong response from the webhook: "+http.StatusText(status)
	if err != nil {
		s.hook.why = "Connection failed"
	}
	p.due = s.cfg.Now().Add(min(time.Second<<min(p.fails, 10), longestRetry))
	p.fails++
}

// post brings an update over HTTP.
func post(ctx context.Context, url, secret string, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	if secret != "" {
		r.Header.Set(secretHeader, secret)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, err
}
