package mexcsim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// keyLife is how long a listen key lives after it was made or kept.
const keyLife = time.Hour

// alive tells whether a listen key is good now.
func (s *Spot) alive(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := s.keys[key]
	return ok && s.now().Before(end)
}

func (s *Spot) makeKey(*call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, end := range s.keys {
		if !s.now().Before(end) {
			delete(s.keys, key)
		}
	}
	if len(s.keys) >= 60 {
		return spotNo(26, "operation not allowed: too many listen keys")
	}
	s.made++
	key := sign(s.core.Config().Secret, "listen key "+strconv.Itoa(s.made)+" of "+strconv.FormatInt(s.now().UnixNano(), 10))
	s.keys[key] = s.now().Add(keyLife)
	return plain(map[string]any{"listenKey": key})
}

func (s *Spot) keepKey(c *call) answer {
	key := c.values().Get("listenKey")
	if !s.alive(key) {
		return spotNo(-1125, "This listenKey does not exist.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[key] = s.now().Add(keyLife)
	return plain(map[string]any{"listenKey": key})
}

// dropKey ends a key and the streams that came with it.
func (s *Spot) dropKey(c *call) answer {
	key := c.values().Get("listenKey")
	if !s.alive(key) {
		return spotNo(-1125, "This listenKey does not exist.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, key)
	return plain(map[string]any{"listenKey": key})
}

func (s *Spot) listKeys(*call) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []string{}
	for key, end := range s.keys {
		if s.now().Before(end) {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return plain(map[string]any{"listenKey": list})
}

// connect opens a stream: a private one when it comes with a listen key, at most five for each.
func (s *Spot) connect(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("listenKey")
	same := 0
	s.each(func(t *stream) { same += boolean(key != "" && t.key == key) })
	if key != "" && (!s.alive(key) || same >= 5) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		w.Write(encode(spotRefusal{-1125, "This listenKey does not exist."}))
		return
	}
	s.streams.serve(w, r, key, s)
}
