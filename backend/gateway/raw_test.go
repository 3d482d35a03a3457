package gateway_test

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestWhatTheServerAnswersByItselfCarriesTheSecurityHeaders(t *testing.T) {
	base := open(t, newHouse())
	for name, c := range map[string]struct{ request, status string }{
		"no HTTP":             {"\x16\x03\x01\r\n\r\n", "400"},
		"two lengths":         {"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "400"},
		"no host":             {"POST /webhook HTTP/1.1\r\n\r\n", "400"},
		"two hosts":           {"POST /webhook HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
		"unknown encoding":    {"POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
		"too many headers":    {"POST /webhook HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 20<<10) + "\r\n\r\n", "431"},
		"unknown expectation": {"POST /webhook HTTP/1.1\r\nHost: x\r\nExpect: foo\r\nContent-Length: 2\r\n\r\n{}", "417"},
		"the same in 1.0":     {"POST /webhook HTTP/1.0\r\nHost: x\r\nExpect: foo\r\nContent-Length: 2\r\n\r\n{}", "417"},
	} {
		conn := dial(t, base)
		_, _ = io.WriteString(conn, c.request)
		said := closedWithin(t, conn, 3*time.Second)
		head, body, _ := strings.Cut(said, "\r\n\r\n")
		for _, header := range []string{
			"X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Content-Security-Policy: default-src 'none'",
			"Referrer-Policy: no-referrer", "Cache-Control: no-store", "Connection: close",
		} {
			if strings.Count(head, header) != 1 {
				t.Errorf("%s: want %q once, had %q: every answer carries the headers", name, header, said)
			}
		}
		if !strings.HasPrefix(said[min(len(said), 9):], c.status) || body != "" || strings.Contains(head, "\r\nServer:") {
			t.Errorf("%s: want %s without a word, had %q", name, c.status, said)
		}
	}
}

// A server in front that goes by Content-Length, or takes a bare line feed for a part of a header, would send the rest of
// the body as bytes of the next request of somebody else.
func TestNothingBehindAChunkedBodyIsReadAsARequest(t *testing.T) {
	for name, framing := range map[string]string{
		"both framings":         "Content-Length: 300\r\nTransfer-Encoding: chunked\r\n",
		"hidden by a line feed": "X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 300\r\n",
		"hidden by a fold":      "Content-Length: 300\r\nTransfer-Encoding:\r\n chunked\r\n",
		"chunked alone":         "Transfer-Encoding: chunked\r\n",
	} {
		h := newHouse()
		conn := dial(t, open(t, h))
		body := with(long + `,"idempotencyKey":"outer"`)
		inner := with(long + `,"idempotencyKey":"smuggled"`)
		_, _ = io.WriteString(conn, "POST /webhook HTTP/1.1\r\nHost: x\r\n"+framing+"\r\n"+strconv.FormatInt(int64(len(body)), 16)+"\r\n"+body+"\r\n0\r\n\r\n"+
			"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: "+strconv.Itoa(len(inner))+"\r\n\r\n"+inner)
		said := closedWithin(t, conn, 3*time.Second)
		if n := strings.Count(said, "HTTP/1.1 "); n > 1 || len(h.signals()) > 1 {
			t.Errorf("%s: want one answer and the connection closed, had %d answers and %d signals: the second came from a body", name, n, len(h.signals()))
		}
	}
}
