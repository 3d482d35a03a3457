package node_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/node"
)

// reached is a house behind a proxy of its owner, as on a server with a name of its own.
func reached(t *testing.T, header string) (h *house, proxy *httptest.Server) {
	t.Helper()
	dir := t.TempDir()
	// Not in the folder of the test: the path of a socket may have a hundred bytes.
	short, err := os.MkdirTemp("", "way")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	socket := filepath.Join(short, "s")
	home := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "hoox"})
	home.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	proxy = httptest.NewServer(home)
	t.Cleanup(proxy.Close)
	c, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0", ControlListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Tunnel.Hostname, c.Tunnel.Listen, c.Tunnel.ClientIPHeader = proxy.URL, "unix:"+socket, header
	h = run(t, c)
	h.until("an answer came back through the public address", func() bool { return h.part("tunnel").State == node.StateOK })
	return h, proxy
}

func TestAnAlertComesThroughThePublicAddressAndNothingElseDoes(t *testing.T) {
	h, proxy := reached(t, "")
	if had := h.PublicAddress(); had != proxy.URL {
		t.Errorf("the public address is %q, want %q", had, proxy.URL)
	}
	alert := strings.Replace(`{"apiKey":"KEY","exchange":"paper","action":"LONG","symbol":"BTCUSDT","quoteQuantity":"200"}`, "KEY", h.key, 1)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/webhook", alert, 200},
		{"GET", "/health", "", 200},
		{"GET", "/probe/guess", "", 404},
		{"POST", "/api/Kill/Set", `{"state":"halted"}`, 404},
		{"GET", "/api/events", "", 404},
		{"GET", "/metrics", "", 404},
		{"GET", "/index.html", "", 404},
		{"GET", "/", "", 405},
	} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, proxy.URL+c.path, bytes.NewBufferString(c.body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s %s from outside: had %d, want %d: only the gateway is behind the public address", c.method, c.path, answer.StatusCode, c.want)
		}
	}
}

func TestAnAddressIsBelievedOnlyFromTheTunnelThatSetsIt(t *testing.T) {
	h, proxy := reached(t, "X-Hoox-Client-Ip")
	for key, value := range map[string]string{"webhook:tradingview:ip_check_enabled": "true", "webhook:tradingview:allowed_ips": "52.89.214.238"} {
		if err := h.ChangeSetting(t.Context(), key, value, "test"); err != nil {
			t.Fatal(err)
		}
	}
	alert := strings.Replace(`{"apiKey":"KEY","exchange":"paper","action":"CLOSE","symbol":"BTCUSDT"}`, "KEY", h.key, 1)
	direct := "http://" + h.GatewayAddr()
	for name, c := range map[string]struct {
		origin, address, forwarded string
		want                       int
	}{
		"TradingView, by the tunnel":                {proxy.URL, "52.89.214.238", "", 200},
		"a stranger, by the tunnel":                 {proxy.URL, "203.0.113.9", "", 403},
		"nobody, by the tunnel":                     {proxy.URL, "", "", 403},
		"a stranger who writes another header":      {proxy.URL, "203.0.113.9", "52.89.214.238", 403},
		"a local program that claims to be a proxy": {direct, "52.89.214.238", "", 403},
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", c.origin+"/webhook", bytes.NewBufferString(alert))
		if err != nil {
			t.Fatal(err)
		}
		if c.address != "" {
			request.Header.Set("X-Hoox-Client-Ip", c.address)
		}
		if c.forwarded != "" {
			request.Header.Set("Cf-Connecting-Ip", c.forwarded)
			request.Header.Set("X-Forwarded-For", c.forwarded)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s: had %d, want %d", name, answer.StatusCode, c.want)
		}
	}
}

func TestAnotherTunnelIsStartedWhenTheSettingsNameOne(t *testing.T) {
	h, _ := reached(t, "")
	if err := h.ChangeSetting(t.Context(), "tunnel:kind", "ssh", "test"); err != nil {
		t.Fatal(err)
	}
	h.until("a tunnel that lacks its server says so", func() bool {
		p := h.part("tunnel")
		return p.State == node.StateDown && strings.Contains(p.Detail, "ssh_addr")
	})
	if err := h.ChangeSetting(t.Context(), "tunnel:kind", "config", "test"); err != nil {
		t.Fatal(err)
	}
	h.until("the way of config.toml is back", func() bool { return h.part("tunnel").State == node.StateOK })
}
