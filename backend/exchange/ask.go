package exchange

import (
	"context"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Patient repeats a read that brought no answer, twice, for readings that nobody else repeats. It is not for anything that
// changes something.
func Patient[T any](ctx context.Context, read func() (T, error)) (T, error) {
	wait := 200 * time.Millisecond
	for try := 0; ; try++ {
		v, err := read()
		kind := trading.KindOf(err)
		if err == nil || try == 2 || (kind != trading.Unavailable && kind != trading.Limited) || wire.Pause(ctx, wait) != nil {
			return v, err
		}
		wait *= 2
	}
}

// Every does something now and then until ctx ends, and before its time when wake says so; wake may be nil. A failure is
// told to failed, and the next round tries again.
func Every(ctx context.Context, pause time.Duration, wake <-chan struct{}, do func(context.Context) error, failed func(error)) {
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		rest := time.NewTimer(pause)
		select {
		case <-rest.C:
		case <-wake:
		case <-ctx.Done():
		}
		rest.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}
