package gateway_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"hoox/backend/gateway"
)

// named is the door of a tunnel that the world calls by a name.
type named struct {
	net.Listener
	public string
}

func (d named) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return namedConn{c, d.public}, nil
}

type namedConn struct {
	net.Conn
	public string
}

func (c namedConn) PublicHost() string     { return c.public }
func (c namedConn) ClientIPHeader() string { return "" }

// throughDoor serves a house with a tunnel under a name, and returns the gateway's own address and that of the door.
func throughDoor(t *testing.T, h *house, public string) (direct, door string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	direct = open(t, h, func(p *gateway.Parts) { p.Door = func() net.Listener { return named{l, public} } })
	return direct, "http://" + l.Addr().String()
}

// called posts an alert to an address under a name.
func called(t *testing.T, base, host, body string) said {
	t.Helper()
	return send(t, "POST", base+"/webhook", body, "Host", host)
}

func TestB7_WhatComesByATunnelForAnotherNameIsForbiddenAndDoesNothing(t *testing.T) {
	h := newHouse()
	_, door := throughDoor(t, h, "hooks.example.com")
	for host, status := range map[string]int{
		"hooks.example.com": 200, "HOOKS.Example.com": 200, "hooks.example.com:443": 200, "hooks.example.com:80": 200,
		"hooks.example.com:8443": 403, "evil.example": 403, "hooks.example.com.evil.example": 403, "evil.hooks.example.com": 403,
		"127.0.0.1": 403, "localhost:8788": 403, "hooks.example.com@evil.example": 403, "hooks.example.com:443:443": 403,
	} {
		before := len(h.signals())
		had := called(t, door, host, with(long))
		if had.status != status || (status == 403 && (had.at("code") != "FORBIDDEN" || had.at("error") != "Forbidden")) {
			t.Errorf("Host %q: had %d %s, want %d in the words for every stranger", host, had.status, had.body, status)
		}
		if stored := len(h.signals()) > before; stored != (status == 200) {
			t.Errorf("Host %q: stored is %v although the answer is %d", host, stored, status)
		}
	}
	for _, path := range []string{"/health", "/probe/x", "/nothing"} {
		if had := send(t, "GET", door+path, "", "Host", "evil.example"); had.status != 403 {
			t.Errorf("GET %s for another name: had %d, want 403 whatever is asked", path, had.status)
		}
	}
}

func TestB7_WhereTheNameIsNotKnownAnyIsTaken(t *testing.T) {
	h := newHouse()
	direct, door := throughDoor(t, h, "")
	for _, base := range []string{direct, door} {
		want(t, called(t, base, "hooks.behind-a-proxy.example", with(long)), 200, "")
	}
}

// A page in the user's browser can have a name of its own point at this computer. It has no key.
func TestB7_AReboundNameGainsNothingWithoutAKey(t *testing.T) {
	h := newHouse()
	direct, _ := throughDoor(t, h, "hooks.example.com")
	port := direct[strings.LastIndex(direct, ":"):]
	for _, body := range []string{`{` + long + `}`, `{"apiKey":"guess",` + long + `}`} {
		had := send(t, "POST", direct+"/webhook", body, "Host", "evil.example"+port, "Origin", "http://evil.example"+port, "Sec-Fetch-Site", "same-origin", "Cookie", "hoox_8788=x")
		want(t, had, 403, "FORBIDDEN")
	}
	had := send(t, "GET", direct+"/health", "", "Host", "evil.example"+port)
	if had.status != http.StatusOK || len(had.m) != 5 || len(h.signals()) != 0 {
		t.Errorf("had %s and %d signals, want the five fields of the public health and nothing done", had.body, len(h.signals()))
	}
	for name := range had.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("answered %s: no page may read what is here", name)
		}
	}
}
