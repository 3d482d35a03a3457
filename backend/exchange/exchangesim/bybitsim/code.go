package bybitsim

import (
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// refused is the return code for a refusal of a new order.
func refused(why *exchangesim.Refusal, r exchangesim.Request) answer {
	if r.Product == trading.Spot {
		return spotRefused(why, r)
	}
	switch why.Why {
	case exchangesim.UnknownSymbol:
		return no(10001, "params error: symbol invalid "+r.Symbol)
	case exchangesim.OffStep:
		return no(10001, "Qty invalid")
	case exchangesim.BelowMinQty:
		return no(110017, "orderQty will be truncated to zero.")
	case exchangesim.AboveMaxQty:
		return no(10001, "The number of contracts exceeds maximum limit allowed: too large")
	case exchangesim.OffTick:
		return no(10001, "params error: price invalid")
	case exchangesim.PriceBand:
		return no(110003, "Order price exceeds the allowable range.")
	case exchangesim.BelowNotional:
		return no(110094, "Order does not meet minimum order value 5USDT")
	case exchangesim.DuplicateID:
		return no(110072, "OrderLinkedID is duplicate")
	case exchangesim.NoMoney:
		return no(110007, "ab not enough for new order")
	case exchangesim.NothingToReduce:
		return no(110017, "current position is zero, cannot fix reduce-only order qty")
	case exchangesim.WrongSlot:
		return no(10001, "position idx not match position mode")
	case exchangesim.WouldTrigger:
		return triggerRefused(r)
	case exchangesim.TooManyOrders:
		if r.Kind.Conditional() {
			return no(110009, "The number of stop orders exceeds the maximum allowable limit.")
		}
		return no(110020, "Not allowed to have more than 500 active orders")
	case exchangesim.LeverageTooHigh:
		return no(110086, "Current risk limit cannot support the leverage")
	case exchangesim.Halted:
		return no(110074, "This contract is not live")
	default:
		return no(10001, "params error: "+why.Text)
	}
}

// triggerRefused tells a trigger on the wrong side from protection on the wrong side.
func triggerRefused(r exchangesim.Request) answer {
	rises := r.Side == trading.Buy == (r.Kind == exchangesim.StopMarket || r.Kind == exchangesim.StopLimit)
	switch {
	case !r.Kind.Conditional():
		return no(10001, "StopLoss or TakeProfit set for the position is on the wrong side of base_price")
	case rises:
		return no(110092, "expect Rising, but trigger_price["+r.Trigger.String()+"] <= current")
	default:
		return no(110093, "expect Falling, but trigger_price["+r.Trigger.String()+"] >= current")
	}
}

func spotRefused(why *exchangesim.Refusal, r exchangesim.Request) answer {
	switch why.Why {
	case exchangesim.UnknownSymbol:
		return no(170121, "Invalid symbol.")
	case exchangesim.OffStep:
		return no(170137, "Order quantity has too many decimals.")
	case exchangesim.BelowMinQty:
		return no(170136, "Order quantity lower than the minimum.")
	case exchangesim.AboveMaxQty:
		return no(170124, "Order quantity too large.")
	case exchangesim.OffTick:
		return no(170134, "Order price has too many decimals.")
	case exchangesim.PriceBand:
		if r.Side == trading.Buy {
			return no(170132, "Order price too high.")
		}
		return no(170133, "Order price lower than the minimum.")
	case exchangesim.BelowNotional:
		return no(170140, "Order value exceeded lower limit.")
	case exchangesim.DuplicateID:
		return no(170141, "Duplicate clientOrderId")
	case exchangesim.NoMoney:
		return no(170131, "Insufficient balance.")
	case exchangesim.WouldTrigger:
		return no(170202, "Invalid trigger price.")
	case exchangesim.TooManyOrders:
		return no(170810, "Cannot exceed maximum of 500 conditional, TP/SL and active orders.")
	case exchangesim.Halted:
		return no(170151, "This trading pair is not open yet.")
	default:
		return no(170130, "Data sent for parameter is not valid: "+why.Text)
	}
}

// gone is the return code for a cancel or an amendment of an order that is not open.
func gone(why *exchangesim.Refusal, o exchangesim.Order, product trading.Product) answer {
	filled, spot := o.Status == exchangesim.Filled, product == trading.Spot
	switch {
	case why.Why == exchangesim.NotFound && spot:
		return no(170213, "Order does not exist.")
	case why.Why == exchangesim.NotFound:
		return no(110001, "order not exists or too late to cancel")
	case filled && spot:
		return no(170139, "Order has been filled.")
	case spot:
		return no(170142, "Order has been canceled.")
	case filled:
		return no(110008, "The order has been finished or canceled.")
	default:
		return no(110010, "The order has been cancelled")
	}
}
