package gateway

import (
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// tradeFields are the fields that make an alert one that trades.
var tradeFields = map[string]bool{
	"exchange": true, "action": true, "symbol": true,
	"quantity": true, "contracts": true, "quoteQuantity": true, "percent": true, "riskPercent": true,
	"marketPosition": true, "prevMarketPosition": true, "marketPositionSize": true, "prevMarketPositionSize": true,
	"orderType": true, "price": true, "takeProfit": true, "stopLoss": true, "trailingStop": true,
	"leverage": true, "marginMode": true, "reduceOnly": true,
}

// otherFields are the known fields that say something about the alert itself.
var otherFields = map[string]bool{
	"apiKey": true, "test": true, "strategy": true, "comment": true, "time": true, "maxAge": true,
	"idempotencyKey": true, "notify": true,
}

// freeTexts are the fields in which a placeholder left unfilled harms nobody, and line breaks have a place.
var freeTexts = map[string]bool{"comment": true, "strategy": true, "notify": true}

var (
	topNames    = folded(tradeFields, otherFields)
	notifyNames = folded(map[string]bool{"chatId": true, "message": true})
	targetNames = folded(map[string]bool{"price": true, "percent": true, "share": true})
)

// meant are the words people write for a field of ours.
var meant = map[string]string{
	"qty": "quantity", "amount": "quantity", "size": "quantity", "volume": "quantity",
	"side": "action", "signal": "action", "ticker": "symbol", "pair": "symbol", "type": "orderType",
	"tp": "takeProfit", "sl": "stopLoss", "stop": "stopLoss", "id": "idempotencyKey", "timestamp": "time",
}

func folded(sets ...map[string]bool) map[string]string {
	out := map[string]string{}
	for _, set := range sets {
		for name := range set {
			out[fold(name)] = name
		}
	}
	return out
}

// names refuses a known field in another case, which would be silently ignored otherwise, and any placeholder that
// TradingView left in a field that decides about money. Unknown fields become warnings.
func (a *alert) names() error {
	for _, f := range a.root.fields {
		known, err := a.name("", f.name, topNames)
		if err != nil {
			return err
		}
		if !known || freeTexts[f.name] {
			continue
		}
		if err := filled(f.name, f.value); err != nil {
			return err
		}
	}
	return nil
}

// name judges one field name against the known ones of its object; prefix is where the object stands.
func (a *alert) name(prefix, name string, known map[string]string) (bool, error) {
	right, ok := known[fold(name)]
	if ok && right != name {
		return false, trading.FieldError(prefix+right, "write %q exactly so, not %q", right, name)
	}
	if !ok {
		a.warn("unknown field " + strconv.Quote(prefix+short(name)) + " was ignored" + suggestion(name, known))
	}
	return ok, nil
}

func suggestion(name string, known map[string]string) string {
	plain := strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(fold(name))
	right, ok := known[plain]
	if !ok {
		right = meant[plain]
		if known[fold(right)] == "" {
			return ""
		}
	}
	return ": did you mean " + strconv.Quote(right) + "?"
}

// maxName is how much of an unknown field's name a warning repeats.
const maxName = 32

func short(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "") + "…"
}

// filled refuses placeholders anywhere in a value.
func filled(name string, v value) error {
	if p := placeholder(v.text); p != "" && v.shape == text {
		return trading.FieldError(name, "TradingView left %s unfilled: this alert kind has no such value, remove it or use another", p)
	}
	for _, f := range v.fields {
		if err := filled(name, f.value); err != nil {
			return err
		}
	}
	for _, item := range v.items {
		if err := filled(name, item); err != nil {
			return err
		}
	}
	return nil
}
