package exchange

import (
	"context"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// FreshClock is how old what is known about an exchange's clock may be when something is signed by it.
const FreshClock = 2 * time.Minute

// OnTime is why nothing may be submitted because of the clocks, after one more look by sync when what is known does not
// do. The error is Unavailable, or sync's own.
func OnTime(ctx context.Context, clock *wire.Skew, sync func(context.Context) error) error {
	if clock.Guard(FreshClock) == nil {
		return nil
	}
	if err := sync(ctx); err != nil {
		return err
	}
	if err := clock.Guard(FreshClock); err != nil {
		return trading.Wrap(trading.Unavailable, err, "not sent")
	}
	return nil
}

// ClockRead is why nothing may be signed because of the clocks. Unlike OnTime it minds no difference: what is signed carries
// the exchange's time, and a cancel or a protection must not wait for somebody to set this computer's clock.
func ClockRead(ctx context.Context, clock *wire.Skew, sync func(context.Context) error) error {
	if _, age, known := clock.Offset(); known && age >= 0 && age <= FreshClock {
		return nil
	}
	if err := sync(ctx); err != nil {
		return err
	}
	if _, _, known := clock.Offset(); !known {
		return trading.Errorf(trading.Unavailable, "the exchange's clock could not be read")
	}
	return nil
}
