package exchange

import "hoox/backend/trading"

// Sound tells whether orders can be made of an instrument as its exchange lists it. One that is not is left out of the list:
// nothing of it could be rounded to a step or held against a limit.
func Sound(i trading.Instrument) bool {
	return i.Symbol != "" && i.TickSize.IsPositive() && i.StepSize.IsPositive() && !i.MinQty.IsNegative() && !i.MaxQty.IsNegative() &&
		!i.MinNotional.IsNegative() && i.MaxLeverage >= 1
}
