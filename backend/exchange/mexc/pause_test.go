package mexc_test

import (
	"testing"

	"hoox/backend/exchange/exchangetest"
	"hoox/backend/exchange/mexc"
)

func TestLostStreamsComeBackAtRandomDistances(t *testing.T) {
	exchangetest.CheckPauses(t, "mexc:live", 2, mexc.New)
}
