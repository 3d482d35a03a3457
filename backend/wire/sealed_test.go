package wire

import (
	"errors"
	"net"
	"testing"
)

// notes is a connection that counts what is written.
type notes struct {
	net.Conn
	written int
}

func (n *notes) Write(p []byte) (int, error) { n.written++; return len(p), nil }
func (n *notes) Close() error                { return nil }

func TestAConnectionThatIsGivenUpTakesNothingMore(t *testing.T) {
	below := &notes{}
	c := &tracked{Conn: below}
	if _, err := c.Write([]byte("GET")); err != nil {
		t.Fatal(err)
	}
	since := c.count()
	if _, err := c.Write([]byte("POST")); err != nil {
		t.Fatal(err)
	}
	if c.seal(since) {
		t.Fatal("an order whose bytes may have left is told as one that never did")
	}
	if !c.seal(c.count()) {
		t.Fatal("nothing was written since, and that is not believed")
	}
	if _, err := c.Write([]byte("POST")); !errors.Is(err, net.ErrClosed) || below.written != 2 {
		t.Fatalf("had %v and %d writes: what was told as never sent left afterwards", err, below.written)
	}
}

func TestAConnectionThatWasClosedHasWrittenNothing(t *testing.T) {
	below := &notes{}
	c := &tracked{Conn: below}
	since := c.count()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("POST")); !errors.Is(err, net.ErrClosed) || below.written != 0 {
		t.Fatalf("had %v and %d writes", err, below.written)
	}
	if !c.seal(since) {
		t.Fatal("a write that was refused counts as one that may have left")
	}
}
