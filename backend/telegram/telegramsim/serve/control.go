package main

import (
	"encoding/json"
	"mime"
	"net/http"

	"hoox/backend/telegram/telegramsim"
)

// largestBody holds a file of the largest size that a bot may fetch, as base64.
const largestBody = 32 << 20

// control is what a person can do to the bot. Requests must be JSON by their own word, which a page of a browser cannot send to
// another origin unasked.
func control(sim *telegramsim.Server) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /control/say", func(w http.ResponseWriter, r *http.Request) { say(sim, w, r) })
	mux.HandleFunc("POST /control/upload", func(w http.ResponseWriter, r *http.Request) { upload(sim, w, r) })
	mux.HandleFunc("GET /control/sent", func(w http.ResponseWriter, _ *http.Request) { answer(w, sent(sim)) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.Method == http.MethodPost && kind != "application/json" {
			http.Error(w, "want Content-Type: application/json", http.StatusUnsupportedMediaType)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// say has somebody write to the bot, in their private chat with it: {"user":48151623,"name":"Ana","text":"/status"}.
func say(sim *telegramsim.Server, w http.ResponseWriter, r *http.Request) {
	var a struct {
		User int64  `json:"user"`
		Name string `json:"name"`
		Text string `json:"text"`
	}
	if asked(w, r, &a) {
		sim.Start(a.User)
		answer(w, map[string]any{"message": sim.Post(telegramsim.Words{User: a.User, Chat: a.User, Name: a.Name, Text: a.Text})})
	}
}

// upload has somebody send a file, a picture when it has no name: {"user":48151623,"file":"notes.txt","content":"…base64","caption":""}.
func upload(sim *telegramsim.Server, w http.ResponseWriter, r *http.Request) {
	var a struct {
		User    int64  `json:"user"`
		File    string `json:"file"`
		Content []byte `json:"content"`
		Caption string `json:"caption"`
	}
	if asked(w, r, &a) {
		sim.Start(a.User)
		answer(w, map[string]any{"file": sim.Upload(a.User, a.User, a.File, a.Content, a.Caption)})
	}
}

// message is one that the bot sent.
type message struct {
	Chat int64  `json:"chat"`
	Text string `json:"text"`
}

func sent(sim *telegramsim.Server) []message {
	list := []message{}
	for _, m := range sim.Sent() {
		list = append(list, message{Chat: m.Chat, Text: m.Text})
	}
	return list
}

// asked reads a body, or answers that it cannot be read.
func asked(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whoever asked is gone
}
