package market

import (
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// The tables: symbol, base, quote, tick, step, smallest quantity, largest quantity, smallest notional, largest leverage,
// maintenance margin rate of the lowest tier.
const (
	bybitLinear = `
BTCUSDT      BTC      USDT 0.1       0.001 0.001 1190     5 100 0.005
ETHUSDT      ETH      USDT 0.01      0.01  0.01  7240     5 100 0.005
SOLUSDT      SOL      USDT 0.01      0.1   0.1   79770    5 100 0.005
XRPUSDT      XRP      USDT 0.0001    0.1   0.1   1000000  5 75  0.0067
DOGEUSDT     DOGE     USDT 0.00001   1     1     10000000 5 75  0.0067
BNBUSDT      BNB      USDT 0.1       0.01  0.01  5000     5 75  0.0067
ADAUSDT      ADA      USDT 0.0001    1     1     2000000  5 75  0.0067
LINKUSDT     LINK     USDT 0.001     0.1   0.1   100000   5 50  0.01
1000PEPEUSDT 1000PEPE USDT 0.0000001 100   100   50000000 5 50  0.01
BTCPERP      BTC      USDC 0.1       0.001 0.001 400      5 100 0.005`

	bybitSpot = `
BTCUSDT  BTC  USDT 0.01    0.000001 0.000001 83      5 1 0
ETHUSDT  ETH  USDT 0.01    0.00001  0.00001  1500    5 1 0
SOLUSDT  SOL  USDT 0.01    0.001    0.001    30000   5 1 0
XRPUSDT  XRP  USDT 0.0001  0.01     0.01     2000000 5 1 0
DOGEUSDT DOGE USDT 0.00001 0.1      0.1      8000000 5 1 0
BNBUSDT  BNB  USDT 0.1     0.0001   0.0001   8000    5 1 0
ADAUSDT  ADA  USDT 0.0001  0.01     0.01     5000000 5 1 0
LINKUSDT LINK USDT 0.001   0.001    0.001    200000  5 1 0`

	binanceLinear = `
BTCUSDT      BTC      USDT 0.1       0.001 0.001 1000     100 125 0.004
ETHUSDT      ETH      USDT 0.01      0.001 0.001 10000    20  125 0.004
SOLUSDT      SOL      USDT 0.01      0.01  0.01  1000000  5   100 0.005
XRPUSDT      XRP      USDT 0.0001    0.1   0.1   10000000 5   75  0.005
DOGEUSDT     DOGE     USDT 0.00001   1     1     50000000 5   75  0.005
BNBUSDT      BNB      USDT 0.01      0.01  0.01  100000   5   75  0.005
ADAUSDT      ADA      USDT 0.0001    1     1     2000000  5   75  0.006
LINKUSDT     LINK     USDT 0.001     0.01  0.01  200000   20  75  0.005
1000PEPEUSDT 1000PEPE USDT 0.0000001 1     1     50000000 5   75  0.01
BTCUSDC      BTC      USDC 0.1       0.001 0.001 1000     100 125 0.004`

	binanceSpot = `
BTCUSDT  BTC  USDT 0.01    0.00001 0.00001 9000     5 1 0
ETHUSDT  ETH  USDT 0.01    0.0001  0.0001  9000     5 1 0
SOLUSDT  SOL  USDT 0.01    0.001   0.001   90000    5 1 0
XRPUSDT  XRP  USDT 0.0001  0.1     0.1     9000000  5 1 0
DOGEUSDT DOGE USDT 0.00001 1       1       90000000 5 1 0
BNBUSDT  BNB  USDT 0.01    0.001   0.001   90000    5 1 0
ADAUSDT  ADA  USDT 0.0001  0.1     0.1     9000000  5 1 0
LINKUSDT LINK USDT 0.01    0.01    0.01    900000   5 1 0`

	mexcLinear = `
BTC_USDT  BTC  USDT 0.1          0.0001   0.0001   100        0 200 0.004
ETH_USDT  ETH  USDT 0.01         0.01     0.01     3000       0 200 0.004
SOL_USDT  SOL  USDT 0.01         0.1      0.1      80000      0 100 0.005
XRP_USDT  XRP  USDT 0.0001       1        1        4000000    0 100 0.005
DOGE_USDT DOGE USDT 0.00001      100      100      20000000   0 100 0.005
BNB_USDT  BNB  USDT 0.1          0.01     0.01     10000      0 75  0.01
ADA_USDT  ADA  USDT 0.0001       1        1        5000000    0 75  0.01
LINK_USDT LINK USDT 0.001        0.1      0.1      200000     0 75  0.01
PEPE_USDT PEPE USDT 0.0000000001 10000000 10000000 1000000000000 0 75 0.01`

	mexcSpot = `
BTCUSDT  BTC  USDT 0.01    0.000001 0.000001 50      1 1 0
ETHUSDT  ETH  USDT 0.01    0.00001  0.00001  1000    1 1 0
SOLUSDT  SOL  USDT 0.01    0.001    0.001    20000   1 1 0
XRPUSDT  XRP  USDT 0.0001  0.01     0.01     2000000 1 1 0
DOGEUSDT DOGE USDT 0.00001 0.1      0.1      8000000 1 1 0
BNBUSDT  BNB  USDT 0.01    0.001    0.001    5000    1 1 0
ADAUSDT  ADA  USDT 0.0001  0.01     0.01     5000000 1 1 0
LINKUSDT LINK USDT 0.001   0.01     0.01     200000  1 1 0`

	paperLinear = `
BTCUSDT  BTC  USDT 0.1     0.001 0.001 1000     5 125 0.004
ETHUSDT  ETH  USDT 0.01    0.01  0.01  10000    5 125 0.004
SOLUSDT  SOL  USDT 0.01    0.1   0.1   100000   5 125 0.004
XRPUSDT  XRP  USDT 0.0001  0.1   0.1   5000000  5 125 0.004
DOGEUSDT DOGE USDT 0.00001 1     1     20000000 5 125 0.004
BNBUSDT  BNB  USDT 0.1     0.01  0.01  10000    5 125 0.004
ADAUSDT  ADA  USDT 0.0001  1     1     5000000  5 125 0.004
LINKUSDT LINK USDT 0.001   0.1   0.1   200000   5 125 0.004`

	paperSpot = `
BTCUSDT  BTC  USDT 0.01    0.000001 0.000001 100      5 1 0
ETHUSDT  ETH  USDT 0.01    0.00001  0.00001  2000     5 1 0
SOLUSDT  SOL  USDT 0.01    0.001    0.001    50000    5 1 0
XRPUSDT  XRP  USDT 0.0001  0.01     0.01     5000000  5 1 0
DOGEUSDT DOGE USDT 0.00001 0.1      0.1      20000000 5 1 0
BNBUSDT  BNB  USDT 0.1     0.0001   0.0001   10000    5 1 0
ADAUSDT  ADA  USDT 0.0001  0.01     0.01     5000000  5 1 0
LINKUSDT LINK USDT 0.001   0.001    0.001    200000   5 1 0`
)

// venue is what all instruments of one product of an exchange share.
type venue struct {
	exchange     trading.Exchange
	product      trading.Product
	maker, taker string
}

// Standard is the built-in catalogue: the filters, fees and lowest margin tiers that the exchanges publish, rounded to
// nothing. A live instrument list replaces a row; paper twins trade by these. MEXC futures count contracts: their step
// here is the contract size in base units, and they have no smallest notional.
func Standard() []trading.Instrument {
	var list []trading.Instrument
	for _, table := range []struct {
		venue
		rows string
	}{
		{venue{trading.Bybit, trading.Linear, "0.0002", "0.00055"}, bybitLinear},
		{venue{trading.Bybit, trading.Spot, "0.001", "0.001"}, bybitSpot},
		{venue{trading.Binance, trading.Linear, "0.0002", "0.0005"}, binanceLinear},
		{venue{trading.Binance, trading.Spot, "0.001", "0.001"}, binanceSpot},
		{venue{trading.MEXC, trading.Linear, "0.0006", "0.0008"}, mexcLinear},
		{venue{trading.MEXC, trading.Spot, "0", "0.0005"}, mexcSpot},
		{venue{trading.Paper, trading.Linear, "0.0002", "0.00055"}, paperLinear},
		{venue{trading.Paper, trading.Spot, "0.001", "0.001"}, paperSpot},
	} {
		for _, line := range strings.Split(strings.TrimSpace(table.rows), "\n") {
			list = append(list, table.instrument(strings.Fields(line)))
		}
	}
	return list
}

// instrument reads one line of a table; a wrong line is a bug of ours and panics.
func (v venue) instrument(column []string) trading.Instrument {
	if len(column) != 10 {
		panic("market: bad row in the table of " + string(v.exchange) + ": " + strings.Join(column, " "))
	}
	leverage, err := strconv.Atoi(column[8])
	if err != nil {
		panic("market: bad leverage in the table of " + string(v.exchange) + ": " + column[8])
	}
	return trading.Instrument{
		Exchange: v.exchange, Product: v.product,
		Symbol: column[0], Base: column[1], Quote: column[2],
		TickSize: trading.MustPrice(column[3]), StepSize: trading.MustQty(column[4]),
		MinQty: trading.MustQty(column[5]), MaxQty: trading.MustQty(column[6]),
		MinNotional: trading.MustMoney(column[7]), MaxLeverage: leverage,
		MakerFee: trading.MustRatio(v.maker), TakerFee: trading.MustRatio(v.taker),
		Maintenance: trading.MustRatio(column[9]),
	}
}
