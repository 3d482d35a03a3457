package tunnel_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

func TestProbeComesBackThroughTheGatewayOnly(t *testing.T) {
	p := tunnel.NewProber(time.Now, nil)
	var asked string
	answers := map[string]http.HandlerFunc{
		"": func(w http.ResponseWriter, r *http.Request) {
			asked = strings.TrimPrefix(r.URL.Path, "/probe/")
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			if p.Known(asked) {
				fmt.Fprintf(w, `{"success":true,"nonce":%q}`, asked)
			}
		},
		"that is not this program": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"success":true,"nonce":"abc"}`)
		},
		"nothing stands behind it": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(530) },
		"a login stands in front": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example.com/", http.StatusFound)
		},
		"something answers":    http.NotFound,
		"another installation": installation,
		"calls it by another name": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"success":false,"error":"Forbidden","code":"FORBIDDEN","requestId":"x"}`)
		},
	}
	for want, answer := range answers {
		server := httptest.NewServer(answer)
		err := p.Ask(t.Context(), server.URL)
		server.Close()
		if want == "" && err != nil {
			t.Errorf("the gateway's own answer: had %v, want none", err)
		}
		if want != "" && (trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), want)) {
			t.Errorf("had %v, want Unavailable with %q", err, want)
		}
		if want != "" && tunnel.FixOf(err) == "" {
			t.Errorf("%v: a person is not told what to do", err)
		}
	}
	if len(asked) < 26 || p.Known(asked) {
		t.Errorf("nonce %q is short, or known after its question ended: strangers could guess or repeat it", asked)
	}
	gone := httptest.NewServer(answers[""])
	gone.Close()
	if err := p.Ask(t.Context(), gone.URL); !strings.Contains(fmt.Sprint(err), "no answer") {
		t.Errorf("had %v, want that there is no answer", err)
	}
}

// installation is the gateway of somebody's program: it knows no nonce of ours.
func installation(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/health" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	fmt.Fprint(w, `{"success":true,"status":"ok","service":"hoox"}`)
}

func TestANameThatIsNotKnownIsToldWithWhatToDo(t *testing.T) {
	p := tunnel.NewProber(time.Now, func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "hooks.example.com", IsNotFound: true}}
	})
	err := p.Ask(t.Context(), "https://hooks.example.com")
	if !strings.Contains(fmt.Sprint(err), "hooks.example.com is not known") || !strings.Contains(tunnel.FixOf(err), "give hooks.example.com a record") {
		t.Errorf("had %v, fix %q", err, tunnel.FixOf(err))
	}
}

func TestNonceIsAnsweredForAMinute(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	p := tunnel.NewProber(func() time.Time { return now }, nil)
	var early, late bool
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		nonce := strings.TrimPrefix(r.URL.Path, "/probe/")
		now = now.Add(59 * time.Second)
		early = p.Known(nonce)
		now = now.Add(time.Second)
		late = p.Known(nonce)
	}))
	defer server.Close()
	_ = p.Ask(t.Context(), server.URL)
	if !early || late {
		t.Errorf("known after 59 s: %t, after 60 s: %t; want true and false", early, late)
	}
	if p.Known("") || p.Known("guess") {
		t.Error("a nonce that was never issued is known")
	}
}
