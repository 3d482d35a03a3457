package binance_test

import (
	"testing"

	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangetest"
)

func TestLostStreamsComeBackAtRandomDistances(t *testing.T) {
	exchangetest.CheckPauses(t, "binance:testnet", 2, binance.New)
}
