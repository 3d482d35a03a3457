//go:build unix

package app

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

func TestDoctorFindsATunnelThatIsDown(t *testing.T) {
	t.Parallel()
	// The far end of the tunnel, once its program runs.
	s := &street{door: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })}
	public := httptest.NewServer(s)
	t.Cleanup(public.Close)
	dir, err := os.MkdirTemp("", "far") // not in the folder of the test, whose long name would be cut out as if it were a secret
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	tool := filepath.Join(dir, "leader")
	config := configOf(t, privateDir(t), testEnv)
	config.Tunnel.Kind, config.Tunnel.Command, config.Tunnel.Pattern = "command", []string{tool, "{addr}"}, `http://\S+`
	p := startOn(t, config)
	p.fallsIll("tunnel", "there is no program "+tool, "give the whole path of the program")

	// The program says where it leads to, and stays.
	script := "#!/bin/sh\necho " + public.URL + "\nexec sleep 600\n"
	if err := os.WriteFile(tool, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if code, out, words := p.hoox("", "tunnel", "retry"); code != exitOK {
		t.Fatalf("retry: had %d %q %q", code, out, words)
	}
	p.fallsIll("tunnel", "nothing stands behind it", "start what leads from there")
	local := must[TunnelState](p, "Tunnel/Get", Empty{}).Local
	at, err := url.Parse(local)
	if err != nil {
		t.Fatal(err)
	}
	home := httputil.NewSingleHostReverseProxy(at)
	home.Transport = &http.Transport{DisableKeepAlives: true}
	s.lead(home)
	p.recovers("tunnel")
}
