package gateway_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// brokenDoor is a door through which nothing comes any more.
type brokenDoor struct{}

func (brokenDoor) Accept() (net.Conn, error) { return nil, errors.New("the door is broken") }
func (brokenDoor) Close() error              { return nil }
func (brokenDoor) Addr() net.Addr            { return &net.TCPAddr{} }

func TestADoorThatBreaksEndsTheGatewayWithItsReason(t *testing.T) {
	g := gateway.New(gateway.Config{Listen: "127.0.0.1:0"}, gateway.Parts{Door: func() net.Listener { return brokenDoor{} }, Now: func() time.Time { return clock }})
	done := make(chan error, 1)
	go func() { done <- g.Serve(t.Context()) }()

	select {
	case err := <-done:
		if trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "tunnel") || !strings.Contains(err.Error(), "the door is broken") {
			t.Fatalf("had %v, want Unavailable with the reason", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the gateway goes on without its tunnel and says nothing: no alert comes in, and nobody starts it anew")
	}
	if c, err := net.Dial("tcp", g.Addr()); err == nil {
		_ = c.Close()
		t.Fatal("the port is open after the gateway ended")
	}
}
