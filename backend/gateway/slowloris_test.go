package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The ways in which a connection says too little: nothing, half a header, half a body, and one request and then nothing.
var slowStarts = []string{
	"",
	"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Slow: ",
	"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{",
	"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
}

// crawl holds a connection to a gateway and says a byte now and then; when it is shut out it comes back after some seconds. The
// first of all come at once, the last after two seconds.
func crawl(ctx context.Context, address string, n int) {
	start, pause := slowStarts[n%len(slowStarts)], time.Duration(n)*time.Millisecond
	for {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if c, err := net.Dial("tcp", address); err == nil {
			linger(ctx, c, start)
		}
		pause = time.Second + time.Duration(n)*time.Millisecond
	}
}

// linger stays until it is shut out or ctx ends.
func linger(ctx context.Context, c net.Conn, start string) {
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	defer c.Close()
	_, err := io.WriteString(c, start)
	answer := make([]byte, 512)
	for err == nil {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		if _, err = c.Read(answer); errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
			if strings.HasPrefix(start, "POST") {
				_, err = io.WriteString(c, "a")
			}
		}
	}
}

// lost is how long an alert counts to have taken that was never answered.
const lost = time.Hour

// knocks posts alerts one after the other, each after a short pause, and returns how long each took.
func knocks(ctx context.Context, t *testing.T, url string, client *http.Client) (took []time.Duration) {
	pause := time.NewTicker(15 * time.Millisecond)
	defer pause.Stop()
	for ctx.Err() == nil {
		start := time.Now()
		res, err := client.Post(url, "application/json", strings.NewReader(with(long)))
		took = append(took, time.Since(start))
		switch {
		case err != nil:
			t.Logf("no answer: %v", err)
			took[len(took)-1] = lost
		case res.StatusCode != http.StatusOK:
			t.Errorf("an alert among slow connections had %d, want it answered as ever", res.StatusCode)
			fallthrough
		default:
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
	return took
}

// crowdOf has so many slow clients come to an address until the returned function is called.
func crowdOf(t *testing.T, address string, most int) (leave func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for n := range most {
		all.Go(func() { crawl(ctx, address, n) })
	}
	leave = sync.OnceFunc(func() { stop(); all.Wait() })
	t.Cleanup(leave)
	return leave
}

func heapNow() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestK3_TwoThousandSlowConnectionsDelayNoAlert(t *testing.T) {
	const attackers, span = 2000, 8 * time.Second
	h := newHouse()
	base := open(t, h)
	runtime.GC()
	before, most := heapNow(), uint64(0)
	leave := crowdOf(t, strings.TrimPrefix(base, "http://"), attackers)

	ctx, done := context.WithTimeout(t.Context(), span)
	defer done()
	fresh := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	kept := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}
	defer kept.CloseIdleConnections()
	clients := []*http.Client{fresh, fresh, kept, kept}
	each := make([][]time.Duration, len(clients))
	var good sync.WaitGroup
	for n, client := range clients {
		good.Go(func() { each[n] = knocks(ctx, t, base+"/webhook", client) })
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-look.C:
			most = max(most, heapNow())
		}
	}
	good.Wait()
	took := slices.Concat(each...)
	slices.Sort(took)
	if slices.Contains(each[2], lost) || slices.Contains(each[3], lost) {
		t.Error("a connection on which a key had come gave way to ones that said nothing: a tunnel keeps such connections, and its next alert would be lost")
	}
	if len(took) < 400 {
		t.Fatalf("%d alerts in %s, want at least 400 to speak of one in a hundred", len(took), span)
	}
	if p99 := took[len(took)*99/100]; p99 > strain*500*time.Millisecond {
		t.Errorf("one alert in a hundred took longer than %s among %d slow connections, want 500 ms", p99, attackers)
	}
	if grown := int64(most) - int64(before); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB, want less than 64", grown>>20)
	}

	stop := time.Now()
	leave()
	want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
	if rest := time.Since(stop); rest > 10*time.Second {
		t.Errorf("the next alert was answered %s after the crowd had gone, want 10 s", rest)
	}
	t.Logf("%d alerts, median %s, p99 %s, longest %s; heap + %d KiB", len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1], (int64(most)-int64(before))>>10)
}
