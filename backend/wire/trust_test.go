package wire_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/wire"
)

// secured is a server over TLS that counts what it is asked.
func secured(t *testing.T, change func(*tls.Config)) (server *httptest.Server, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{}`)
	}))
	server.TLS = &tls.Config{}
	change(server.TLS)
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, asked
}

// ownCertificate is one for this computer that only itself vouches for.
func ownCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	paper := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, paper, paper, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestH7_NothingIsSaidToAServerThatNobodyVouchesFor(t *testing.T) {
	for name, change := range map[string]func(*tls.Config){
		"a certificate of its own": func(c *tls.Config) { c.Certificates = []tls.Certificate{ownCertificate(t)} },
		"TLS 1.1":                  func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11; c.MinVersion = tls.VersionTLS10 },
	} {
		server, asked := secured(t, change)
		_, err := post(client(t, server.URL))
		var lost *wire.Error
		if !errors.As(err, &lost) || lost.Sent {
			t.Errorf("%s: had %v, want a proof that nothing left", name, err)
		}
		broke := make(chan error, 1)
		s, err := wire.NewStream(wire.StreamConfig{
			URL: strings.Replace(server.URL, "https:", "wss:", 1), Message: func(context.Context, []byte) error { return nil },
			Broke: func(err error) {
				select {
				case broke <- err:
				default:
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		done := make(chan struct{})
		go func() { defer close(done); _ = s.Serve(ctx) }()
		select {
		case err := <-broke:
			if !strings.Contains(err.Error(), "tls") && !strings.Contains(err.Error(), "x509") {
				t.Errorf("%s: the stream broke with %v, want it to be about the certificate", name, err)
			}
		case <-ctx.Done():
			t.Errorf("%s: the stream did not break", name)
		}
		stop()
		<-done
		if n := asked.Load(); n != 0 {
			t.Errorf("%s: %d requests arrived, want none: they carry keys", name, n)
		}
	}
}

func TestX3_ARedirectIsRefusedAndNothingSignedGoesThere(t *testing.T) {
	var stolen atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, status)
		}))
		c := client(t, server.URL)
		for _, method := range []string{"GET", "POST"} {
			_, err := c.Do(t.Context(), wire.Request{Method: method, Path: "/order", Query: "signature=s", Header: map[string]string{"X-MBX-APIKEY": "k"}})
			if err == nil || !strings.Contains(err.Error(), "redirect") {
				t.Errorf("%s, HTTP %d: had %v, want the redirect refused", method, status, err)
			}
		}
		server.Close()
	}
	if n := stolen.Load(); n != 0 {
		t.Errorf("%d requests with key and signature went elsewhere", n)
	}
}

func TestK10_APackedAnswerIsNeitherAskedForNorUnpacked(t *testing.T) {
	var offered string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offered = r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"))
	}))
	defer server.Close()
	answer, err := post(client(t, server.URL))
	if err != nil || offered != "" || len(answer.Body) != 10 {
		t.Errorf("had %q offered and %d bytes (%v), want nothing offered and the answer as it came", offered, len(answer.Body), err)
	}
}
