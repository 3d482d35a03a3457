package telegramsim

import "time"

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	// LoseRequest cuts the connection before the request is looked at, LoseAnswer after it was carried out, when so many bytes of the answer
	// have left as Leave says.
	LoseRequest, LoseAnswer bool
	Leave                   int
	// Status answers with this HTTP status and an HTML page, as a proxy in between would; the request is carried out unless Refuse is set.
	Status int
	// Code answers no with this code and Text, and RetryAfter in seconds; the request is carried out unless Refuse is set.
	Code       int
	Text       string
	RetryAfter int64
	Refuse     bool
	// Body answers with these bytes as JSON after the request was carried out.
	Body *string
	// Delay holds the answer for this long, or until the client goes.
	Delay time.Duration
}

// Faults decides about each request by its method, as the program spells it, and chat, 0 when it has none.
type Faults func(method string, chat int64) Fault

// Call is one request as it came.
type Call struct {
	Method string
	Chat   int64
	At     time.Time
}

// Calls lists every request of a method in the order of their coming; of all methods for "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			list = append(list, c)
		}
	}
	return list
}
