package app

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// alertField is one line of an alert; value is JSON text.
type alertField struct {
	name  string
	value string
}

// draft is an alert being written.
type draft struct {
	fields   []alertField
	warnings []string
}

func (d *draft) text(name, value string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	// TradingView shows the message as it is: <apiKey> must stay readable.
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return
	}
	d.fields = append(d.fields, alertField{name, strings.TrimSpace(b.String())})
}

func (d *draft) raw(name, value string) { d.fields = append(d.fields, alertField{name, value}) }

func (d *draft) warn(words string) { d.warnings = append(d.warnings, words) }

// number adds a decimal, or a placeholder of TradingView's, when there is one.
func (d *draft) number(name, field, value string) error {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	if strings.HasPrefix(value, "{{") && strings.HasSuffix(value, "}}") {
		d.text(name, value)
		return nil
	}
	n, err := trading.ParseRatio(value)
	if err != nil || !n.IsPositive() {
		return trading.FieldError(field, "%q is not a positive number such as 0.01", value)
	}
	d.raw(name, n.String())
	return nil
}

// level adds a price, or a percent such as "2%".
func (d *draft) level(name, value string) error {
	value = strings.ReplaceAll(value, " ", "")
	percent, ok := strings.CutSuffix(value, "%")
	if !ok {
		return d.number(name, name, value)
	}
	n, err := trading.ParseRatio(percent)
	if err != nil || !n.IsPositive() {
		return trading.FieldError(name, "%q is not a percent such as 2%%", value)
	}
	d.text(name, n.String()+"%")
	return nil
}

func (d *draft) json() string {
	var b strings.Builder
	b.WriteString("{\n")
	for i, f := range d.fields {
		b.WriteString(`  "` + f.name + `": ` + f.value)
		if i < len(d.fields)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("}")
	return b.String()
}

// writeAlert writes an alert for an indicator (one message, one action) or a strategy (one message for every order,
// carrying the position the strategy then has). It fails with Invalid for what the gateway would refuse.
func writeAlert(req BuildAlert) (AlertText, error) {
	d := &draft{}
	d.text("apiKey", keyMask)
	steps := []func(*draft, BuildAlert) error{place, intent, size, terms, words}
	for _, step := range steps {
		if err := step(d, req); err != nil {
			return AlertText{}, err
		}
	}
	d.text("time", "{{timenow}}")
	text := d.json()
	if err := understood(text); err != nil {
		return AlertText{}, err
	}
	return AlertText{JSON: text, Warnings: filled(d.warnings)}, nil
}

// otherPlaceholder is one for which there is no sample: a plot of the trader's own.
var otherPlaceholder = regexp.MustCompile(`\{\{[^{}"]*\}\}`)

// understood tells why the gateway would refuse a message, whatever TradingView fills in: better here than at the first alert.
func understood(text string) error {
	sample := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	text = otherPlaceholder.ReplaceAllString(fillPlaceholders(text, sample), "1")
	_, _, err := gateway.Decode([]byte(text), "", sample)
	return err
}

func place(d *draft, req BuildAlert) error {
	exchange := trading.Exchange(strings.ToLower(req.Exchange))
	symbol := strings.TrimSpace(req.Symbol)
	switch {
	case exchange != "" && !exchange.Known():
		return trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper", req.Exchange)
	case exchange != "":
		d.text("exchange", string(exchange))
		if symbol == "" {
			symbol = "{{ticker}}"
			d.warn("{{ticker}} is the chart's own symbol: one without .P trades the product set under exchange:" + string(exchange) + ":product")
		}
	case symbol == "":
		symbol = "{{exchange}}:{{ticker}}"
		d.warn("the chart's exchange takes the alert; a chart without .P trades spot there")
	}
	d.text("symbol", symbol)
	return nil
}

func intent(d *draft, req BuildAlert) error {
	switch req.Kind {
	case "strategy":
		d.text("action", "{{strategy.order.action}}")
		d.text("marketPosition", "{{strategy.market_position}}")
		d.text("prevMarketPosition", "{{strategy.prev_market_position}}")
		d.text("marketPositionSize", "{{strategy.market_position_size}}")
		if req.Action != "" {
			d.warn("a strategy says itself what to do: the action is left out")
		}
		return nil
	case "indicator":
	default:
		return trading.FieldError("kind", "%q is not one of indicator, strategy", req.Kind)
	}
	action := strings.ToUpper(strings.TrimSpace(req.Action))
	switch action {
	case "LONG", "SHORT", "CLOSE", "FLAT", "CLOSE_LONG", "CLOSE_SHORT":
		d.text("action", action)
		return nil
	}
	return trading.FieldError("action", "%q is not one of LONG, SHORT, CLOSE, FLAT", req.Action)
}

func opens(req BuildAlert) bool {
	action := strings.ToUpper(strings.TrimSpace(req.Action))
	return req.Kind == "strategy" || action == "LONG" || action == "SHORT"
}

func size(d *draft, req BuildAlert) error {
	mode := req.SizeMode
	if mode == "" {
		mode = string(trading.SizeBase)
	}
	switch trading.SizeMode(mode) {
	case trading.SizeBase, trading.SizeQuote, trading.SizePercent:
	case trading.SizeRisk:
		switch {
		case req.Size != "" && !opens(req):
			return trading.FieldError("sizeMode", "riskPercent sizes an entry; a close takes quantity, quoteQuantity or percent")
		case req.Size != "" && strings.TrimSpace(req.StopLoss) == "":
			return trading.FieldError("stopLoss", "riskPercent needs a stop: what it risks is the way from the entry to the stop")
		}
	case trading.SizeNone:
	default:
		return trading.FieldError("sizeMode", "%q is not one of quantity, quoteQuantity, percent, riskPercent", req.SizeMode)
	}
	strategy := req.Kind == "strategy"
	switch {
	case strategy && mode == string(trading.SizeBase):
		if req.Size != "" {
			d.warn("the strategy's own position size counts, so the quantity is left out; set it in the strategy's properties")
		}
		return nil
	case req.Size == "" && strategy:
		return nil
	case req.Size == "" && opens(req):
		return trading.FieldError("size", "an entry needs a size, such as 0.01")
	case req.Size == "":
		return nil
	}
	return d.number(mode, "size", req.Size)
}

func terms(d *draft, req BuildAlert) error {
	switch req.OrderType {
	case "", string(trading.Market):
		if req.Price != "" {
			d.warn("a market order has no price: it is left out")
		}
	case string(trading.Limit):
		if strings.TrimSpace(req.Price) == "" {
			return trading.FieldError("price", "a limit order needs a price, such as 64000 or {{close}}")
		}
		d.text("orderType", req.OrderType)
		if err := d.number("price", "price", req.Price); err != nil {
			return err
		}
	default:
		return trading.FieldError("orderType", "%q is not one of market, limit", req.OrderType)
	}
	protects := req.TakeProfit+req.StopLoss+req.TrailingStop+req.Leverage != ""
	if !opens(req) {
		if protects {
			d.warn("leverage, targets and stops belong to entries: they are left out of a close")
		}
		return nil
	}
	if err := d.number("leverage", "leverage", req.Leverage); err != nil {
		return err
	}
	for _, l := range []alertField{{"takeProfit", req.TakeProfit}, {"stopLoss", req.StopLoss}, {"trailingStop", req.TrailingStop}} {
		if strings.TrimSpace(l.value) == "" {
			continue
		}
		if err := d.level(l.name, l.value); err != nil {
			return err
		}
	}
	return nil
}

func words(d *draft, req BuildAlert) error {
	if req.Strategy != "" {
		d.text("strategy", req.Strategy)
	}
	if req.Kind == "strategy" {
		d.text("comment", "{{strategy.order.alert_message}}")
		d.warn("paste this once, with the strategy's order fills as condition; text in alert_message must hold no quotes, they would break the JSON")
	}
	if err := d.number("maxAge", "maxAge", req.MaxAge); err != nil {
		return err
	}
	if req.Test {
		d.raw("test", "true")
		d.warn("test never touches live money: it goes to the testnet where its keys exist, else to the paper twin")
	}
	return nil
}

// fillPlaceholders puts sample values where TradingView would put the chart's.
func fillPlaceholders(text string, now time.Time) string {
	second := now.UTC().Format("2006-01-02T15:04:05Z")
	return strings.NewReplacer(
		"{{ticker}}", "BTCUSDT.P", "{{exchange}}", "BYBIT", "{{interval}}", "15", "{{time}}", second, "{{timenow}}", second,
		"{{open}}", "64000", "{{high}}", "64500", "{{low}}", "63500", "{{close}}", "64200", "{{volume}}", "12.5",
		"{{syminfo.currency}}", "USDT", "{{syminfo.basecurrency}}", "BTC",
		"{{strategy.order.action}}", "buy", "{{strategy.order.contracts}}", "0.01", "{{strategy.order.price}}", "64200",
		"{{strategy.order.id}}", "Long", "{{strategy.order.comment}}", "Long", "{{strategy.order.alert_message}}", "",
		"{{strategy.position_size}}", "0.01", "{{strategy.market_position}}", "long", "{{strategy.market_position_size}}", "0.01",
		"{{strategy.prev_market_position}}", "flat", "{{strategy.prev_market_position_size}}", "0",
	).Replace(text)
}
