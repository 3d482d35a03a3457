package node_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/node"
)

func TestAPanicOfTheMessengerIsItsFailureOnly(t *testing.T) {
	err := node.Guarded(t.Context(), func(context.Context) error { panic("a card of nothing") })
	if err == nil || !strings.Contains(err.Error(), "a card of nothing") || !strings.Contains(err.Error(), "messenger_test.go") {
		t.Errorf("had %v, want what happened and where: without it the whole program ends, and with it all that watches over orders", err)
	}
}

func TestWithoutTheFileOfChatsAPostOfTelegramIsToldToComeAgain(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "chat.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	h := start(t, dir)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+h.GatewayAddr()+"/telegram-webhook", strings.NewReader(`{"update_id":1}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", "made-up")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("had %s, want 503: Telegram sends it again once the file can be opened", res.Status)
	}
	if r := h.post(seedAlert); r.status != 200 {
		t.Errorf("an alert: had %d %s, want it traded all the same", r.status, r.body)
	}
}
