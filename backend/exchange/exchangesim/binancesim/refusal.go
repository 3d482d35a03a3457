package binancesim

import (
	"net/http"
	"strings"

	"hoox/backend/exchange/exchangesim"
)

// refusal is the exchange's no.
type refusal struct {
	// status is the HTTP status, 400 when zero.
	status int
	code   int
	msg    string
}

func no(code int, msg string) *refusal { return &refusal{code: code, msg: msg} }

func (r *refusal) http() int {
	if r.status == 0 {
		return http.StatusBadRequest
	}
	return r.status
}

func (r *refusal) row() map[string]any { return map[string]any{"code": r.code, "msg": r.msg} }

// The refusals that both products word alike.
var (
	invalidSymbol = no(-1121, "Invalid symbol.")
	noSuchOrder   = no(-2013, "Order does not exist.")
	unknownOrder  = no(-2011, "Unknown order sent.")
	notSupported  = no(-1116, "Invalid orderType.")
	invalidSide   = no(-1117, "Invalid side.")
	invalidTIF    = no(-1115, "Invalid timeInForce.")
	neitherID     = no(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
)

// spotWords is what spot says for each of the core's reasons.
var spotWords = map[exchangesim.Why]*refusal{
	exchangesim.UnknownSymbol:   invalidSymbol,
	exchangesim.OffStep:         no(-1013, "Filter failure: LOT_SIZE"),
	exchangesim.BelowMinQty:     no(-1013, "Filter failure: LOT_SIZE"),
	exchangesim.AboveMaxQty:     no(-1013, "Filter failure: LOT_SIZE"),
	exchangesim.OffTick:         no(-1013, "Filter failure: PRICE_FILTER"),
	exchangesim.PriceBand:       no(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
	exchangesim.BelowNotional:   no(-1013, "Filter failure: NOTIONAL"),
	exchangesim.DuplicateID:     no(-2010, "Duplicate order sent."),
	exchangesim.BadID:           no(-1100, "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'."),
	exchangesim.NoMoney:         no(-2010, "Account has insufficient balance for requested action."),
	exchangesim.NothingToReduce: no(-2010, "Account has insufficient balance for requested action."),
	exchangesim.WouldTake:       no(-2010, "Order would immediately match and take."),
	exchangesim.WouldTrigger:    no(-2010, "Order would trigger immediately."),
	exchangesim.TooManyOrders:   no(-1013, "Filter failure: MAX_NUM_ORDERS"),
	exchangesim.NotFound:        unknownOrder,
	exchangesim.AlreadyEnded:    unknownOrder,
	exchangesim.Halted:          no(-1013, "Market is closed."),
}

// futuresWords is what USDⓈ-M futures say.
var futuresWords = map[exchangesim.Why]*refusal{
	exchangesim.UnknownSymbol:   invalidSymbol,
	exchangesim.OffStep:         no(-4023, "Qty not increased by step size."),
	exchangesim.BelowMinQty:     no(-4004, "Quantity less than min quantity."),
	exchangesim.AboveMaxQty:     no(-4005, "Quantity greater than max quantity."),
	exchangesim.OffTick:         no(-4014, "Price not increased by tick size."),
	exchangesim.PriceBand:       no(-4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."),
	exchangesim.DuplicateID:     no(-4116, "ClientOrderId is duplicated."),
	exchangesim.BadID:           no(-4015, "Client order id is not valid."),
	exchangesim.NoMoney:         no(-2019, "Margin is insufficient."),
	exchangesim.NothingToReduce: no(-2022, "ReduceOnly Order is rejected."),
	exchangesim.WrongSlot:       no(-4061, "Order's position side does not match user's setting."),
	exchangesim.WouldTake:       no(-5022, "Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history"),
	exchangesim.WouldTrigger:    no(-2021, "Order would immediately trigger."),
	exchangesim.TooManyOrders:   no(-2025, "Reach max open order limit."),
	exchangesim.LeverageTooHigh: no(-2027, "Exceeded the maximum allowable position at current leverage."),
	exchangesim.Exists:          no(-4130, "An open stop or take profit order with GTE and closePosition in the direction is existing."),
	exchangesim.NotFound:        unknownOrder,
	exchangesim.AlreadyEnded:    unknownOrder,
	exchangesim.NotModified:     no(-5027, "No need to modify the order."),
	exchangesim.Halted:          no(-4140, "Invalid symbol status for opening position."),
}

// said is a refusal of the core in the words of the product.
func (s *Server) said(r *exchangesim.Refusal) *refusal {
	if w, ok := s.words[r.Why]; ok {
		return w
	}
	return &refusal{status: http.StatusInternalServerError, code: -1000, msg: strings.TrimSpace("An unknown error occurred while processing the request. " + r.Text)}
}
