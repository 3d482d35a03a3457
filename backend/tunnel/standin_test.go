//go:build unix

package tunnel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// standIns are the programs that the test binary acts as when it is started under their names.
var standIns = map[string]func() int{
	"cloudflared": actCloudflared, "tailscale": actTailscale, "leader": actLeader, "sitter": actSitter, "owner": actOwner,
}

// scene is what a stand-in knows: the folder that it was started from, and what it was told there.
type scene struct{ dir string }

func here() scene { return scene{filepath.Dir(os.Args[0])} }

// plan is what the test says at this moment.
func (s scene) plan() plan {
	var p plan
	if text, err := os.ReadFile(filepath.Join(s.dir, "plan.json")); err == nil {
		if err := json.Unmarshal(text, &p); err != nil {
			panic(err)
		}
	}
	return p
}

// report writes down what the stand-in sees of itself.
func (s scene) report() {
	cmdline, err := os.ReadFile("/proc/self/cmdline")
	if err != nil && !os.IsNotExist(err) {
		panic(err)
	}
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(sight{PID: os.Getpid(), Args: os.Args[1:], Env: os.Environ(), Cmdline: string(cmdline), Dir: dir})
	if err != nil {
		panic(err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, "seen.jsonl"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.Write(append(text, '\n')); err != nil {
		panic(err)
	}
}

// serveEdge is the public side: it does to a request what the real edge and its connector do, and passes it on.
func (s scene) serveEdge(origin string, treat func(*http.Request)) {
	target := &url.URL{Scheme: "http", Host: strings.TrimPrefix(origin, "http://")}
	transport := &http.Transport{DisableKeepAlives: true}
	if path, ok := strings.CutPrefix(origin, "unix:"); ok {
		target.Host = "gateway"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
	}
	proxy := &httputil.ReverseProxy{Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host
		// Rewrite drops what the client sent; the real ones do not all do that.
		if sent := r.In.Header.Values("X-Forwarded-For"); len(sent) > 0 {
			r.Out.Header["X-Forwarded-For"] = slices.Clone(sent)
		}
		treat(r.Out)
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "edge"), []byte("http://"+l.Addr().String()), 0o600); err != nil {
		panic(err)
	}
	go func() { panic(http.Serve(l, proxy)) }()
}

// untilAsked waits until the program is asked to end.
func (s scene) untilAsked() int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	for {
		<-asked
		if !s.plan().Deaf {
			return 0
		}
	}
}

func flag(name string) string {
	for i, arg := range os.Args {
		if arg == name && i+1 < len(os.Args) {
			return os.Args[i+1]
		}
	}
	return ""
}

// actCloudflared is Cloudflare's program as far as we use it.
func actCloudflared() int {
	s := here()
	if slices.Contains(os.Args, "--version") {
		if s.plan().Swap {
			if err := os.Rename(filepath.Join(s.dir, "impostor"), os.Args[0]); err != nil {
				panic(err)
			}
		}
		fmt.Println("cloudflared version 2026.8.1 (built 2026-08-20-1054 UTC)")
		return 0
	}
	s.report()
	var file struct {
		Ingress []struct{ Service string }
	}
	text, err := os.ReadFile(flag("--config"))
	quick := !slices.Contains(os.Args, "run")
	if err != nil || json.Unmarshal(text, &file) != nil || quick == (len(file.Ingress) == 1) || quick == (flag("--url") == "") {
		fmt.Fprintln(os.Stderr, "ERR a quick tunnel needs --url, another one a rule in its file")
		return 1
	}
	origin := flag("--url")
	if !quick {
		origin = file.Ingress[0].Service
	}
	if token := os.Getenv("TUNNEL_TOKEN"); !quick && !strings.HasPrefix(token, "eyJ") {
		fmt.Fprintln(os.Stderr, "Provided Tunnel token is not valid.")
		return 255
	} else if !quick {
		fmt.Fprintln(os.Stderr, "INF the token is "+token)
	}
	if s.plan().Litter {
		sitter := exec.Command(filepath.Join(s.dir, "sitter"))
		if err := sitter.Start(); err != nil {
			panic(err)
		}
	}
	s.serveEdge(origin, func(r *http.Request) {
		// The edge sets the first anew and adds to the second, which is why only the first counts.
		r.Header.Set("Cf-Connecting-Ip", stranger)
		r.Header.Set("X-Forwarded-For", strings.Join(append(r.Header.Values("X-Forwarded-For"), stranger), ", "))
	})
	pages := http.NewServeMux()
	pages.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		if s.plan().Lost {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		io.WriteString(w, `{"status":200,"readyConnections":4,"connectorId":"5d2b"}`)
	})
	pages.HandleFunc("/quicktunnel", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"hostname":"%s"}`, s.plan().Hostname)
	})
	pages.HandleFunc("/config", func(w http.ResponseWriter, _ *http.Request) {
		rules, version := []map[string]any{{"hostname": "", "path": nil, "service": origin}}, -1
		if p := s.plan(); p.Dashboard != nil {
			rules, version = p.Dashboard, 3
			for _, rule := range rules {
				if rule["service"] == "gateway" {
					rule["service"] = origin
				}
			}
		}
		json.NewEncoder(w).Encode(map[string]any{"version": version, "config": map[string]any{"ingress": rules}})
	})
	page, err := net.Listen("tcp", flag("--metrics"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "ERR", err)
		return 1
	}
	go func() { panic(http.Serve(page, pages)) }()
	return s.untilAsked()
}

// actTailscale is Tailscale's command line. What a command in the foreground opens lasts as long as the command.
func actTailscale() int {
	s := here()
	session := filepath.Join(s.dir, "session")
	const name = "box.tail1234.ts.net"
	switch strings.Join(os.Args[1:], " ") {
	case "--version":
		fmt.Println("1.96.2\n  tailscale commit: 0123456789abcdef")
		return 0
	case "status --json --peers=false":
		state := "Running"
		if s.plan().Stopped {
			state = "Stopped"
		}
		fmt.Printf(`{"BackendState":%q,"Self":{"Online":%t,"DNSName":"%s."}}`, state, !s.plan().Offline, name)
		return 0
	case "funnel status --json":
		served := func(port, proxy string, funnel bool) map[string]any {
			at := name + ":" + port
			return map[string]any{
				"TCP": map[string]any{port: map[string]bool{"HTTPS": true}}, "AllowFunnel": map[string]bool{at: funnel},
				"Web": map[string]any{at: map[string]any{"Handlers": map[string]any{"/": map[string]string{"Proxy": proxy}}}},
			}
		}
		whole := served("8443", "http://127.0.0.1:3000", true)
		if text, err := os.ReadFile(session); err == nil {
			pid, origin, _ := strings.Cut(string(text), " ")
			if n, err := strconv.Atoi(pid); err == nil && syscall.Kill(n, 0) == nil {
				whole["Foreground"] = map[string]any{"1a2b": served("443", origin, true)}
			}
		}
		json.NewEncoder(os.Stdout).Encode(whole)
		return 0
	}
	s.report()
	if len(os.Args) != 4 || os.Args[1] != "funnel" || os.Args[2] != "--https=443" {
		fmt.Fprintln(os.Stderr, "usage: tailscale funnel <target>")
		return 1
	}
	if s.plan().Closed {
		fmt.Println("Funnel is not enabled on your tailnet.\nTo enable, visit:\n\n\thttps://login.tailscale.com/f/funnel?node=n1")
		return s.untilAsked()
	}
	s.serveEdge(os.Args[3], func(r *http.Request) { r.Header.Set("X-Forwarded-For", stranger) })
	if err := os.WriteFile(session, []byte(strconv.Itoa(os.Getpid())+" "+os.Args[3]), 0o600); err != nil {
		panic(err)
	}
	fmt.Println("Available on the internet:\n\nhttps://" + name + "/")
	return s.untilAsked()
}

// actLeader is any program that leads a public address here: `leader --to HOST:PORT`.
func actLeader() int {
	s := here()
	s.report()
	s.serveEdge("http://"+flag("--to"), func(*http.Request) {})
	scheme := "https"
	if s.plan().Plain {
		scheme = "http"
	}
	fmt.Println("connecting\nyour address is " + scheme + "://Abc.Example.net/ (free plan)")
	return s.untilAsked()
}

// actSitter sits there until somebody ends it.
func actSitter() int {
	s := here()
	s.report()
	signal.Ignore(syscall.SIGTERM)
	select {}
}
