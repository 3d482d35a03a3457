package gateway

import (
	"sync"
	"time"
)

// paceSpan is the time over which requests are counted.
const paceSpan = 60 * time.Second

// pace counts the requests of each credential in the last 60 s. Only those let through are remembered, so a flood
// costs no memory and ends as soon as it stops.
type pace struct {
	mu      sync.Mutex
	windows map[string][]time.Time
}

// take lets a request through or tells how long to wait. limit 0 lets everything through.
func (p *pace) take(credential string, now time.Time, limit, reserve int, closing bool) (time.Duration, bool) {
	if limit <= 0 {
		return 0, true
	}
	if closing {
		limit += max(reserve, 0)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	window := p.windows[credential]
	past := 0
	for past < len(window) && now.Sub(window[past]) >= paceSpan {
		past++
	}
	window = window[past:]
	if len(window) >= limit {
		p.windows[credential] = window
		return window[len(window)-limit].Add(paceSpan).Sub(now), false
	}
	if p.windows == nil {
		p.windows = map[string][]time.Time{}
	}
	p.windows[credential] = append(window, now)
	return 0, true
}
