package wire_test

import (
	"testing"
	"time"

	"hoox/backend/wire"
)

func TestX9_NoMoreThanFourFifthsOfALimitAreEverUsed(t *testing.T) {
	for _, limit := range []int{2, 4, 5, 10, 12, 50, 300, 600, 2400, 6000} {
		now := time.UnixMilli(1_000_000)
		b := wire.NewBudget(func() time.Time { return now }, time.Second, limit, 0)
		taken := 0
		for range 2 * limit {
			if _, ok := b.Take(true); ok {
				taken++
			}
		}
		if taken*5 > limit*4 || taken == 0 {
			t.Errorf("%d of %d were used in a window, want at most 80 %%", taken, limit)
		}
		// The exchange says how many were used, also by others on this computer.
		now = now.Add(time.Second)
		b.Learn(limit, limit/2, now.Add(time.Second))
		for taken = limit - limit/2; ; taken++ {
			if _, ok := b.Take(true); !ok {
				break
			}
		}
		if limit >= 5 && taken*5 > limit*4 {
			t.Errorf("%d of %d were used where others use some, want at most 80 %%", taken, limit)
		}
	}
}
