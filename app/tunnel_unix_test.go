//go:build !windows

package app

import (
	"strings"
	"testing"
)

func TestWhatATunnelsProgramRepeatsIsShownWithoutTheKeysOfAlerts(t *testing.T) {
	config := configOf(t, privateDir(t), testEnv)
	config.Tunnel.Kind, config.Tunnel.Pattern = "command", "https://[a-z.]+"
	config.Tunnel.Command = []string{"/bin/sh", "-c", "echo had an alert with " + testKey + "; exit 1"}
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", testKey)
	p := startOn(t, config)
	var state TunnelState
	await(t, func() bool {
		state = must[TunnelState](p, "Tunnel/Get", Empty{})
		return state.Phase == "down" && len(state.Output) > 0
	})

	const want = "had an alert with " + cut
	if had := state.Output[0]; had != want {
		t.Errorf("had the line %q, want %q: the page is shown to whoever helps", had, want)
	}
	if !strings.HasSuffix(state.Detail, "its last words: "+want) {
		t.Errorf("had the reason %q, want it to end in %q", state.Detail, want)
	}
	for _, part := range must[HealthReport](p, "Health/Get", Empty{}).Items {
		if strings.Contains(part.Detail+part.Fix, testKey) {
			t.Errorf("Health says of %s: %q, %q, want neither with the key", part.Name, part.Detail, part.Fix)
		}
	}
}
