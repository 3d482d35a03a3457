package market

import (
	"iter"

	"hoox/backend/trading"
)

// Worth of one level of the book in quote currency: levelLeast plus up to levelSpread, growing with the distance.
const (
	levelLeast  = 25_000
	levelSpread = 50_000
)

// Depth is what rests on the other side of a quote for a taker of a side, best price first, at most levels of it. The
// sizes are a function of the seed, the instrument and the prices; nothing that anybody takes from them is gone.
func (s *Synthetic) Depth(q trading.Quote, side trading.Side, levels int) iter.Seq2[trading.Price, trading.Qty] {
	f, ok := s.feeds[listing{q.Exchange, trading.InstrumentKey{Product: q.Product, Symbol: q.Symbol}}]
	return func(yield func(trading.Price, trading.Qty) bool) {
		if !ok {
			return
		}
		price := q.Touch(side)
		book := scramble(f.own ^ seedOf(s.seed, string(side), price.String()))
		for n := range levels {
			dice := scramble(book + uint64(n))
			worth := trading.MoneyUnits((levelLeast+int64(dice%levelSpread))*int64(4+n)/4, 0)
			qty := f.instrument.RoundQty(trading.QtyFor(worth, price)).Max(f.instrument.StepSize)
			if !yield(price, qty) {
				return
			}
			gap := f.price(1 + int64(dice>>60)%3)
			if side == trading.Buy {
				price = price.Add(gap)
			} else {
				price = price.Sub(gap)
			}
			if !price.IsPositive() {
				return
			}
		}
	}
}
