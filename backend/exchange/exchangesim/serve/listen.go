package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// note is the line that tells where everything is.
type note struct {
	Simulated bool              `json:"simulated"`
	Key       string            `json:"key"`
	Secret    string            `json:"secret"`
	Directory string            `json:"directory"`
	Control   string            `json:"control"`
	Exchanges map[string]string `json:"exchanges"`
}

// served is a listener with what answers on it.
type served struct {
	listener net.Listener
	server   *http.Server
}

type serverList []served

// listenAll takes one port for control and one for each exchange. It refuses an address that is not of this machine.
func listenAll(address string, h *house) (serverList, note, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, note{}, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, note{}, fmt.Errorf("listen on %s: simulated exchanges answer on loopback only", host)
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return nil, note{}, fmt.Errorf("listen on port %q: %w", port, err)
	}
	n := note{Simulated: true, Key: simulatedKey, Secret: simulatedSecret, Exchanges: map[string]string{}}
	var list serverList
	add := func(offset int, handler http.Handler) (string, error) {
		at := 0
		if first != 0 {
			at = first + offset
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(at)))
		if err != nil {
			return "", err
		}
		list = append(list, served{l, &http.Server{Handler: marked(handler), ReadHeaderTimeout: 10 * time.Second}})
		return "http://" + l.Addr().String(), nil
	}
	if n.Control, err = add(0, h.control()); err != nil {
		return nil, n, err
	}
	for i, x := range h.exchanges {
		if n.Exchanges[x.name], err = add(i+1, x); err != nil {
			return nil, n, errors.Join(err, list.close())
		}
	}
	return list, n, nil
}

// marked says on every answer that nothing behind it is real.
func marked(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Simulated", "no real market, no real money")
		next.ServeHTTP(w, r)
	})
}

func (l serverList) close() error {
	var errs []error
	for _, s := range l {
		errs = append(errs, s.listener.Close())
	}
	return errors.Join(errs...)
}

// run serves until ctx ends or one of them fails, and waits for all.
func (l serverList) run(ctx context.Context, h *house) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, s := range l {
		group.Go(func() error {
			if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		})
	}
	group.Go(func() error {
		<-ctx.Done()
		var errs []error
		for _, s := range l {
			errs = append(errs, s.server.Close())
		}
		for _, x := range h.exchanges {
			x.DropStreams()
		}
		return errors.Join(errs...)
	})
	return group.Wait()
}
