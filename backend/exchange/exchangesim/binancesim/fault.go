package binancesim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
)

// The texts by which Binance tells apart what one HTTP status or code can mean.
const (
	textUnknown     = "Unknown error, please check your request or try again later."
	textUnavailable = "Service Unavailable."
	textOverloaded  = "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again."
	textMessageBus  = "An unexpected response was received from the message bus. Execution status unknown."
	textTimeout     = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
)

// Unknown503 is the 503 after which nobody knows; executed says what is true.
func Unknown503(executed bool) exchangesim.Fault {
	return exchangesim.Fault{Status: http.StatusServiceUnavailable, Code: -1000, Text: textUnknown, Refuse: !executed}
}

// Unavailable503 is the 503 after which nothing happened.
func Unavailable503() exchangesim.Fault {
	return exchangesim.Fault{Status: http.StatusServiceUnavailable, Code: -1000, Text: textUnavailable, Refuse: true}
}

// Overloaded503 is -1008: not carried out, except for what reduces or closes a position, which goes through.
func Overloaded503() exchangesim.Fault {
	return exchangesim.Fault{Status: http.StatusServiceUnavailable, Code: -1008, Text: textOverloaded, Refuse: true}
}

// MessageBus is -1006: nobody knows; executed says what is true.
func MessageBus(executed bool) exchangesim.Fault {
	return exchangesim.Fault{Status: http.StatusInternalServerError, Code: -1006, Text: textMessageBus, Refuse: !executed}
}

// BackendTimeout is -1007: nobody knows; executed says what is true.
func BackendTimeout(executed bool) exchangesim.Fault {
	return exchangesim.Fault{Status: http.StatusRequestTimeout, Code: -1007, Text: textTimeout, Refuse: !executed}
}

// exempt tells whether an overload lets this request through.
func (q *request) exempt() bool {
	return q.fault.Code == -1008 && (q.text("reduceOnly") == "true" || q.text("closePosition") == "true")
}

// reply answers, with whatever goes wrong on the way back.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, q *request, result any, bad *refusal) {
	f := q.fault
	if f.Delay > 0 {
		held := time.NewTimer(f.Delay)
		defer held.Stop()
		select {
		case <-held.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", seconds(f.RetryAfter))
	}
	switch {
	case q.exempt():
	case f.Status != 0 && f.Code == 0 && f.Text == "":
		s.page(w, f)
		return
	case f.Code != 0 || f.Text != "":
		bad = &refusal{status: f.Status, code: f.Code, msg: f.Text}
		if bad.status == 0 && (f.Code == -1003 || f.Code == -1015) {
			bad.status = http.StatusTooManyRequests
		}
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	switch {
	case f.Body != nil:
		io.WriteString(w, *f.Body)
		return
	case f.Huge:
		io.WriteString(w, `{"code":0,"msg":"`+strings.Repeat("x", 10<<20)+`"}`)
		return
	}
	if bad != nil {
		result = bad.row()
	}
	raw, err := json.Marshal(result)
	if err != nil {
		panic(err)
	}
	if bad != nil {
		w.WriteHeader(bad.http())
	}
	w.Write(raw)
}

// page answers with what stands before the exchange: a limiter, a firewall or a proxy.
func (s *Server) page(w http.ResponseWriter, f exchangesim.Fault) {
	if f.RetryAfter == 0 && (f.Status == http.StatusTooManyRequests || f.Status == http.StatusTeapot) {
		w.Header().Set("Retry-After", "1")
	}
	if f.Status == http.StatusTooManyRequests || f.Status == http.StatusTeapot {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(f.Status)
		text := "Too many requests; please use the websocket for live updates."
		if f.Status == http.StatusTeapot {
			text = "Way too many requests; IP banned until " + strconv.FormatInt(s.now().Add(f.RetryAfter).UnixMilli(), 10) + ". Please use the websocket for live updates to avoid bans."
		}
		io.WriteString(w, `{"code":-1003,"msg":"`+text+`"}`)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(f.Status)
	io.WriteString(w, "<html><head><title>"+http.StatusText(f.Status)+"</title></head><body><center><h1>"+http.StatusText(f.Status)+"</h1></center></body></html>")
}
