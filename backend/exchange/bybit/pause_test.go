package bybit_test

import (
	"testing"

	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangetest"
)

func TestLostStreamsComeBackAtRandomDistances(t *testing.T) {
	exchangetest.CheckPauses(t, "bybit:testnet", 1, bybit.New)
}
