package exchangetest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// serving is an account with streams that come back by themselves.
type serving interface {
	Serve(ctx context.Context, sink exchange.Sink) error
	Close()
}

// CheckPauses fails when one of an account's private streams comes back without a part of chance in its pauses: everybody
// who lost the exchange would knock at the same moment.
func CheckPauses[X serving](t *testing.T, account trading.AccountID, streams int, open func(exchange.Config) (X, error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		asked := make(chan time.Duration, 1000)
		x, err := open(exchange.Config{
			Account: account, Key: func() string { return "key-of-a-test" }, Secret: func() string { return "secret-of-a-test" },
			Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("there is no network") },
			Stream: wire.StreamConfig{LeastWait: time.Second, Jitter: func(most time.Duration) time.Duration {
				asked <- most.Round(time.Millisecond)
				return 0
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_ = x.Serve(ctx, nil) // nothing is told without a network, and the end of ctx is what was asked for
		close(asked)
		times := map[time.Duration]int{}
		for most := range asked {
			times[most]++
		}
		for _, span := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second} {
			if times[span] != streams {
				t.Errorf("%d streams left up to %s to chance, want all %d", times[span], span, streams)
			}
		}
	})
}
