package node_test

import (
	"net"
	"sync"
	"time"
)

const badGateway = "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 51\r\nConnection: close\r\n\r\n" +
	"<html><body><h1>502 Bad Gateway</h1></body></html>\n"

// listen takes connections until the test ends and returns where.
func (l *line) listen() string {
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	all.Go(func() {
		for {
			near, err := door.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", l.behind)
			if err != nil {
				_ = near.Close()
				continue
			}
			mu.Lock()
			open[near], open[far] = true, true
			mu.Unlock()
			p := &passage{line: l, near: near, far: far}
			all.Go(p.there)
			all.Go(p.back)
		}
	})
	l.t.Cleanup(func() {
		_ = door.Close()
		mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return door.Addr().String()
}

// passage is one connection through the proxy.
type passage struct {
	line      *line
	near, far net.Conn

	mu sync.Mutex
	// now is the flaw of the submit under way, sent and got what has passed of it; on is true while one is.
	now       flaw
	on        bool
	sent, got int
}

func (p *passage) close() {
	_ = p.near.Close()
	_ = p.far.Close()
}

// reset ends the connection with an RST instead of a goodbye.
func (p *passage) reset() {
	if c, ok := p.near.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	if c, ok := p.far.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
	p.close()
}

// there carries requests.
func (p *passage) there() {
	defer p.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.near.Read(buffer)
		if n > 0 && !p.forward(buffer[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *passage) forward(data []byte) bool {
	p.mu.Lock()
	if p.got > 0 || !p.on {
		p.on = isSubmit(data)
		p.sent, p.got, p.now = 0, 0, flaw{}
		if p.on {
			p.now = p.line.take()
		}
	}
	f, on, before := p.now, p.on, p.sent
	p.sent += len(data)
	p.mu.Unlock()
	if !on {
		_, err := p.far.Write(data)
		return err == nil
	}
	p.line.count(len(data), 0)
	switch f.kind {
	case "request", "reset":
		if left := f.at - before; left <= len(data) {
			_, _ = p.far.Write(data[:max(0, left)])
			if f.kind == "reset" {
				p.reset()
			}
			return false
		}
	case "html":
		_, _ = p.near.Write([]byte(badGateway))
		return false
	case "delay":
		<-time.After(300 * time.Millisecond)
	case "slices":
		for i := range data {
			if _, err := p.far.Write(data[i : i+1]); err != nil {
				return false
			}
		}
		return true
	}
	_, err := p.far.Write(data)
	return err == nil
}

// back carries answers.
func (p *passage) back() {
	defer p.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := p.far.Read(buffer)
		if n > 0 && !p.answer(buffer[:n]) {
			return
		}
		if err != nil {
			return
		}
	}
}

func (p *passage) answer(data []byte) bool {
	p.mu.Lock()
	f, on, before := p.now, p.on, p.got
	p.got += len(data)
	p.mu.Unlock()
	if on {
		p.line.count(0, len(data))
		switch f.kind {
		case "answer":
			if left := f.at - before; left <= len(data) {
				_, _ = p.near.Write(data[:max(0, left)])
				return false
			}
		case "html after":
			_, _ = p.near.Write([]byte(badGateway))
			return false
		}
	}
	_, err := p.near.Write(data)
	return err == nil
}
