package bybitsim

import (
	"net/http"
	"strconv"
)

// window is what was asked for in one second.
type window struct {
	second int64
	used   int
}

// count counts a request against the limit of its path and says in the headers what is left. Spot may place and cancel
// twice as often as linear.
func (s *Server) count(w http.ResponseWriter, path string, limit int, c *call) (answer, bool) {
	if c.text("category") == "spot" && (path == "/v5/order/create" || path == "/v5/order/cancel" || path == "/v5/order/cancel-all") {
		path, limit = path+" spot", 20
	}
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.windows[path]
	if t == nil || t.second != now.Unix() {
		t = &window{second: now.Unix()}
		s.windows[path] = t
	}
	t.used++
	over := t.used > limit
	w.Header().Set("X-Bapi-Limit", strconv.Itoa(limit))
	w.Header().Set("X-Bapi-Limit-Status", strconv.Itoa(max(limit-t.used, 0)))
	reset := now.UnixMilli()
	if over {
		reset = (now.Unix() + 1) * 1000
	}
	w.Header().Set("X-Bapi-Limit-Reset-Timestamp", strconv.FormatInt(reset, 10))
	if over && s.o.Limits {
		return no(10006, "Too many visits. Exceeded the API Rate Limit."), true
	}
	return answer{}, false
}
