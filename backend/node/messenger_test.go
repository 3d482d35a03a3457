package node_test

import (
	"context"
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
