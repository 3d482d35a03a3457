package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
)

// configured reads one configuration file, in a folder of its own, with this environment.
func configured(t *testing.T, file string, env map[string]string) (node.Config, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return node.Load(node.Flags{DataDir: dir}, func(name string) string { return env[name] })
}

func TestAnAnswerBudgetIsTheTimeThatAWebhookWaits(t *testing.T) {
	for text, want := range map[string]time.Duration{"2s": 2 * time.Second, "2.3s": 2300 * time.Millisecond, "1ms": time.Millisecond} {
		if c, err := configured(t, "[gateway]\nanswer_budget = \""+text+"\"\n", nil); err != nil || c.Budget() != want {
			t.Errorf("%s: had %s %v, want it as written", text, c.Budget(), err)
		}
	}
	c, err := configured(t, "", map[string]string{"HOOX_GATEWAY_ANSWER_BUDGET": "0s"})
	if err != nil || c.Budget() <= 0 || c.Budget() > time.Microsecond {
		t.Errorf("0s: had %s %v, want next to nothing: the gateway takes zero for its default of 2 s", c.Budget(), err)
	}
	for _, text := range []string{"2.301s", "2.5s", "1h", "-1ms", "2 seconds"} {
		if _, err := configured(t, "[gateway]\nanswer_budget = \""+text+"\"\n", nil); err == nil || !strings.Contains(err.Error(), "0s to 2.3s") {
			t.Errorf("%s: had %v, want the bounds: the gateway never waits longer, and nothing is cut in silence", text, err)
		}
	}
}

func TestAValueOfTheWrongTypeIsToldInWordsOfTheFile(t *testing.T) {
	for file, want := range map[string]string{
		"[paper]\nseed = \"x\"\n":            ":2:8: paper.seed must be a whole number",
		"[log]\nlevel = 1\n":                 ":2:9: log.level must be a text in quotes",
		"[tunnel]\ncommand = \"x\"\n":        ":2:11: tunnel.command must be a list of texts",
		"[gateway]\n  lissten = \"x\"\n":     ":2:3: there is no key gateway.lissten",
		"[paper]\nseed = 1\nseed = 2\n":      ":3:1: ",
		"log = 3\n":                          ":1:7: log must be a table",
		"[exchange.kraken]\nrest_url = \"\"": ":1:2: there is no key exchange.kraken",
	} {
		_, err := configured(t, file, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "struct") {
			t.Errorf("%q: had %v, want %q and nothing of how the program is made", file, err, want)
		}
	}
}

func TestAHeaderThatCannotBeIsNoClientAddress(t *testing.T) {
	for _, name := range []string{"X Forwarded", "X-Real-IP:", "Ünicode"} {
		if _, err := configured(t, "[gateway]\ntrusted_client_ip_header = \""+name+"\"\n", nil); err == nil || !strings.Contains(err.Error(), "gateway.trusted_client_ip_header") {
			t.Errorf("%s: had %v, want a refusal: no request can carry it, so every address would stay unknown", name, err)
		}
	}
	if _, err := configured(t, "[gateway]\ntrusted_client_ip_header = \"CF-Connecting-IP\"\n", nil); err != nil {
		t.Errorf("had %v", err)
	}
}
