package mexcsim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// Options is what a façade can be made to do differently; the zero value is MEXC as of 2026-11, without request limits.
type Options struct {
	// Now is the exchange's clock, the core's when nil.
	Now func() time.Time
	// Limits refuses what comes too fast (510, HTTP 429), by the exchange's clock; it is counted in any case.
	Limits bool
	// ContractSize is the base quantity of one contract by symbol; the instrument's step when there is none.
	ContractSize map[string]trading.Qty
	// APIClosed are the symbols that cannot be traded through the API, CloseOnly those that can only be closed.
	APIClosed, CloseOnly map[string]bool
	// BareMode answers position_mode with a number alone instead of an object.
	BareMode bool
	// CanWithdraw is what a spot account tells about its key.
	CanWithdraw bool
	// Key is what the exchange thinks of the key at first; see SetKey.
	Key Key
}

// FuturesID makes the ids of a futures core; give it to exchangesim.Config.NewID.
func FuturesID(kind string, n int) string {
	switch kind {
	case "fill":
		return strconv.Itoa(9_466_823_344 + n)
	case "algo":
		return strconv.Itoa(416_900_000_000_000_001 + n)
	}
	return strconv.Itoa(739_113_577_038_255_617 + n)
}

// SpotID makes the ids of a spot core; give it to exchangesim.Config.NewID.
func SpotID(kind string, n int) string {
	if kind == "fill" {
		return fmt.Sprintf("%dX1", 468_615_423_979_847_681+n)
	}
	return fmt.Sprintf("C02__%d", 468_615_423_963_070_465+n)
}

// begin is what both façades begin with. Candles go on from what the core's log remembers of prices.
func (d *door) begin(core *exchangesim.Core, o Options) {
	if o.Now == nil {
		o.Now = core.Config().Now
	}
	d.core, d.options, d.key, d.pace, d.routes = core, o, o.Key, map[string][]time.Time{}, http.NewServeMux()
	d.streams.now, d.open = o.Now, map[*stream]bool{}
	past, err := exchangesim.ReadLog(core.Config().Log)
	if err != nil {
		return
	}
	for _, e := range past {
		if e.Priced != nil {
			d.candles.saw(e.Priced.Symbol, e.Priced.Mark, e.At)
		}
	}
}
