package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestSomebodyTalksToTheBotAndReadsItsAnswer(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, written, io.Discard)
		written.Close()
	}()
	var n note
	if err := json.NewDecoder(read).Decode(&n); err != nil {
		t.Fatalf("no line with the addresses: %v (%v)", err, <-done)
	}
	bot := n.API + "/bot" + n.Token

	post(t, n.Control+"/control/say", "application/json", `{"user":7,"name":"Ana","text":"/status"}`)
	post(t, n.Control+"/control/upload", "application/json", `{"user":7,"file":"notes.txt","content":"aGVsbG8=","caption":"mine"}`)
	if _, body := post(t, bot+"/getUpdates", "application/json", `{"timeout":0}`); !strings.Contains(body, `"/status"`) || !strings.Contains(body, `"notes.txt"`) {
		t.Errorf("the bot was brought %s, want what Ana said and sent", body)
	}
	if status, body := post(t, bot+"/sendMessage", "application/json", `{"chat_id":7,"text":"all is well"}`); status != http.StatusOK {
		t.Errorf("the answer of the bot: %d %s", status, body)
	}
	if _, body := call(t, http.MethodGet, n.Control+"/control/sent", "", ""); !strings.Contains(body, `{"chat":7,"text":"all is well"}`) {
		t.Errorf("sent %s, want the answer of the bot: tests wait for it", body)
	}
	if status, _ := post(t, n.Control+"/control/say", "text/plain", `{"user":7,"text":"/kill_on"}`); status != http.StatusUnsupportedMediaType {
		t.Errorf("%d: a form of a page may speak for a person", status)
	}
	if status, _ := post(t, n.Control+"/control/say", "application/json", `{"who":7}`); status != http.StatusBadRequest {
		t.Errorf("%d: a word that is misspelt must be told", status)
	}

	stop()
	if err := <-done; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func post(t *testing.T, url, kind, body string) (status int, answer string) {
	t.Helper()
	return call(t, http.MethodPost, url, kind, body)
}

func call(t *testing.T, method, url, kind, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}
