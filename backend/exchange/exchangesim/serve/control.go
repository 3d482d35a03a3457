package main

import (
	"encoding/json"
	"mime"
	"net/http"
	"sync"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// script is the faults that a person has asked for.
type script struct {
	mu    sync.Mutex
	rules []rule
}

// rule is a fault for requests of a path and client order id; empty is any. Times is for how many of them, zero for all.
type rule struct {
	Exchange string            `json:"exchange"`
	Path     string            `json:"path"`
	Link     string            `json:"link"`
	Times    int               `json:"times"`
	Fault    exchangesim.Fault `json:"fault"`
}

// fault is what the first rule that fits says.
func (s *script) fault(path, link string) exchangesim.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, r := range s.rules {
		if r.Path != "" && r.Path != path || r.Link != "" && r.Link != link {
			continue
		}
		if r.Times == 1 {
			s.rules = append(s.rules[:n:n], s.rules[n+1:]...)
		} else if r.Times > 1 {
			s.rules[n].Times--
		}
		return r.Fault
	}
	return exchangesim.Fault{}
}

func (s *script) add(r rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, r)
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// control is what a person can do to the exchanges. Requests must be JSON by their own word, which a page of a browser
// cannot send to another origin unasked.
func (h *house) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /control/price", h.setPrice)
	mux.HandleFunc("POST /control/fault", h.setFault)
	mux.HandleFunc("POST /control/streams", h.setStreams)
	mux.HandleFunc("POST /control/funding", h.payFunding)
	mux.HandleFunc("POST /control/close", h.closePosition)
	mux.HandleFunc("GET /control/truth", h.truth)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.Method == http.MethodPost && kind != "application/json" {
			http.Error(w, "want Content-Type: application/json", http.StatusUnsupportedMediaType)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// asked reads a body, or answers that it cannot be read.
func asked(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// setPrice moves a symbol everywhere: {"symbol":"BTCUSDT","price":"64000"}.
func (h *house) setPrice(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Symbol string        `json:"symbol"`
		Price  trading.Price `json:"price"`
	}
	if !asked(w, r, &a) {
		return
	}
	if !a.Price.IsPositive() {
		http.Error(w, "price must be positive", http.StatusBadRequest)
		return
	}
	n := h.price(a.Symbol, a.Price)
	if n == 0 {
		http.Error(w, "no exchange has "+a.Symbol, http.StatusNotFound)
		return
	}
	answer(w, map[string]any{"moved": n})
}

// setFault adds a fault: {"exchange":"bybit","path":"/v5/order/create","times":1,"fault":{"LoseAnswer":true}}. Durations
// are nanoseconds. Without a fault it takes all faults of the exchange away.
func (h *house) setFault(w http.ResponseWriter, r *http.Request) {
	var a rule
	if !asked(w, r, &a) {
		return
	}
	x := h.find(a.Exchange)
	if x == nil {
		http.Error(w, "no exchange "+a.Exchange, http.StatusNotFound)
		return
	}
	if a.Fault == (exchangesim.Fault{}) {
		x.script.clear()
	} else {
		x.script.add(a)
	}
	answer(w, map[string]any{"done": true})
}

// setStreams cuts the streams of an exchange or makes them say nothing: {"exchange":"bybit","drop":true,"silent":false}.
func (h *house) setStreams(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Exchange string `json:"exchange"`
		Drop     bool   `json:"drop"`
		Silent   bool   `json:"silent"`
	}
	if !asked(w, r, &a) {
		return
	}
	x := h.find(a.Exchange)
	if x == nil {
		http.Error(w, "no exchange "+a.Exchange, http.StatusNotFound)
		return
	}
	x.SetSilent(a.Silent)
	if a.Drop {
		x.DropStreams()
	}
	answer(w, map[string]any{"streams": x.Streams()})
}

// payFunding books funding on every position of a symbol: {"exchange":"bybit","symbol":"BTCUSDT","rate":"0.0001"}.
func (h *house) payFunding(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Exchange string        `json:"exchange"`
		Symbol   string        `json:"symbol"`
		Rate     trading.Ratio `json:"rate"`
	}
	if !asked(w, r, &a) {
		return
	}
	x := h.find(a.Exchange)
	if x == nil {
		http.Error(w, "no exchange "+a.Exchange, http.StatusNotFound)
		return
	}
	x.core.Funding(a.Symbol, a.Rate)
	answer(w, map[string]any{"fundings": len(x.core.Fundings())})
}

// closePosition lets the exchange close a position: {"exchange":"bybit","symbol":"BTCUSDT","slot":"both","how":"liquidation"}
// or "adl".
func (h *house) closePosition(w http.ResponseWriter, r *http.Request) {
	var a struct {
		Exchange string       `json:"exchange"`
		Symbol   string       `json:"symbol"`
		Slot     trading.Slot `json:"slot"`
		How      string       `json:"how"`
	}
	if !asked(w, r, &a) {
		return
	}
	x := h.find(a.Exchange)
	switch {
	case x == nil:
		http.Error(w, "no exchange "+a.Exchange, http.StatusNotFound)
		return
	case a.How == "liquidation":
		x.core.Liquidate(a.Symbol, a.Slot)
	case a.How == "adl":
		x.core.ADL(a.Symbol, a.Slot, trading.Qty{})
	default:
		http.Error(w, "how must be liquidation or adl", http.StatusBadRequest)
		return
	}
	answer(w, map[string]any{"positions": x.core.Positions()})
}

// truth is everything that an exchange knows: ?exchange=bybit.
func (h *house) truth(w http.ResponseWriter, r *http.Request) {
	x := h.find(r.URL.Query().Get("exchange"))
	if x == nil {
		http.Error(w, "no exchange "+r.URL.Query().Get("exchange"), http.StatusNotFound)
		return
	}
	answer(w, map[string]any{
		"orders": x.core.Orders(), "fills": x.core.Fills(), "positions": x.core.Positions(), "balances": x.core.Balances(), "streams": x.Streams(),
	})
}
