package strategy

import (
	"encoding/json"
	"strings"
	"time"

	"hoox/backend/trading"
)

// A strategy is written as JSON with every decimal as text: levels as "58000" or "2%", shares as "0.5".

type strategyText struct {
	Name           string        `json:"name"`
	Enabled        bool          `json:"enabled"`
	Routes         []routeText   `json:"routes,omitempty"`
	Symbols        []mappingText `json:"symbols,omitempty"`
	Pyramiding     *pyramidText  `json:"pyramiding,omitempty"`
	CancelPrevious bool          `json:"cancelPrevious,omitempty"`
	Dust           bool          `json:"dust,omitempty"`
	StopLoss       string        `json:"stopLoss,omitempty"`
	TakeProfit     []targetText  `json:"takeProfit,omitempty"`
	TrailingStop   string        `json:"trailingStop,omitempty"`
	MaxAge         int           `json:"maxAge,omitempty"`
	ExpectMinutes  int           `json:"expectMinutes,omitempty"`
	PaperTwin      bool          `json:"paperTwin,omitempty"`
}

type routeText struct {
	Account     trading.AccountID  `json:"account"`
	Enabled     bool               `json:"enabled"`
	Size        *sizeText          `json:"size,omitempty"`
	Multiplier  string             `json:"multiplier,omitempty"`
	MaxOrder    string             `json:"maxOrder,omitempty"`
	MaxPosition string             `json:"maxPosition,omitempty"`
	Leverage    int                `json:"leverage,omitempty"`
	MarginMode  trading.MarginMode `json:"marginMode,omitempty"`
}

type sizeText struct {
	Mode  trading.SizeMode `json:"mode"`
	Value string           `json:"value"`
}

type mappingText struct {
	Pattern string            `json:"pattern"`
	To      string            `json:"to"`
	Account trading.AccountID `json:"account,omitempty"`
}

type pyramidText struct {
	Mode    PyramidMode `json:"mode"`
	MaxAdds int         `json:"maxAdds,omitempty"`
}

type targetText struct {
	At    string `json:"at"`
	Share string `json:"share,omitempty"`
}

// MarshalJSON writes the one canonical form, which Decode reads.
func (s Strategy) MarshalJSON() ([]byte, error) {
	t := strategyText{Name: s.Name, Enabled: s.Enabled, CancelPrevious: s.CancelPrevious, Dust: s.Dust, PaperTwin: s.PaperTwin,
		StopLoss: levelText(s.StopLoss), TrailingStop: levelText(s.TrailingStop), MaxAge: int(s.MaxAge / time.Second),
		ExpectMinutes: int(s.Expect / time.Minute)}
	for _, r := range s.Routes {
		w := routeText{Account: r.Account, Enabled: r.Enabled, Multiplier: numberText(r.Multiplier), MaxOrder: numberText(r.MaxOrder),
			MaxPosition: numberText(r.MaxPosition), Leverage: r.Leverage, MarginMode: r.MarginMode}
		if r.Size.Mode != trading.SizeNone {
			w.Size = &sizeText{r.Size.Mode, r.Size.Value.String()}
		}
		t.Routes = append(t.Routes, w)
	}
	for _, m := range s.Symbols {
		t.Symbols = append(t.Symbols, mappingText(m))
	}
	if s.Pyramiding != (Pyramiding{}) {
		p := pyramidText(s.Pyramiding)
		if p.Mode == "" {
			p.Mode = PyramidAdd
		}
		t.Pyramiding = &p
	}
	for _, level := range s.TakeProfit {
		t.TakeProfit = append(t.TakeProfit, targetText{levelText(level.Level), numberText(level.Share)})
	}
	return json.Marshal(t)
}

// Decode reads a strategy strictly and checks it: an unknown, doubled or differently spelled key, a number where text is
// wanted, and everything Check refuses is a field error (Invalid) that names the place, as "routes[1].leverage".
func Decode(text []byte) (Strategy, error) {
	fields, err := object("strategy", text, strategyKeys)
	if err != nil {
		return Strategy{}, err
	}
	s := Strategy{}
	r := reader{fields: fields}
	r.text("name", &s.Name)
	r.yes("enabled", &s.Enabled)
	r.yes("cancelPrevious", &s.CancelPrevious)
	r.yes("dust", &s.Dust)
	r.yes("paperTwin", &s.PaperTwin)
	s.StopLoss, s.TrailingStop = r.level("stopLoss"), r.level("trailingStop")
	s.MaxAge = time.Duration(r.whole("maxAge", maxSeconds)) * time.Second
	s.Expect = time.Duration(r.whole("expectMinutes", maxMinutes)) * time.Minute
	r.each("routes", routeKeys, func(r *reader) { s.Routes = append(s.Routes, r.route()) })
	r.each("symbols", mappingKeys, func(r *reader) {
		var m Mapping
		r.text("pattern", &m.Pattern)
		r.text("to", &m.To)
		text := ""
		r.text("account", &text)
		m.Account = trading.AccountID(text)
		s.Symbols = append(s.Symbols, m)
	})
	r.each("takeProfit", targetKeys, func(r *reader) {
		s.TakeProfit = append(s.TakeProfit, trading.TakeProfit{Level: r.level("at"), Share: decimalOf(r, "share", trading.ParseRatio)})
	})
	r.inner("pyramiding", pyramidKeys, func(r *reader) {
		mode := ""
		r.text("mode", &mode)
		s.Pyramiding = Pyramiding{Mode: PyramidMode(mode), MaxAdds: r.whole("maxAdds", 1000)}
	})
	if r.err != nil {
		return Strategy{}, r.err
	}
	return s, s.Check()
}

var (
	strategyKeys = []string{"name", "enabled", "routes", "symbols", "pyramiding", "cancelPrevious", "dust", "stopLoss", "takeProfit", "trailingStop", "maxAge", "expectMinutes", "paperTwin"}
	routeKeys    = []string{"account", "enabled", "size", "multiplier", "maxOrder", "maxPosition", "leverage", "marginMode"}
	sizeKeys     = []string{"mode", "value"}
	mappingKeys  = []string{"pattern", "to", "account"}
	pyramidKeys  = []string{"mode", "maxAdds"}
	targetKeys   = []string{"at", "share"}
)

// maxSeconds bounds a number before it becomes a duration; Check has the real bound.
const maxSeconds = 1_000_000

// maxMinutes is the longest silence of a strategy that may be waited for before somebody is told: 30 days.
const maxMinutes = 30 * 24 * 60

func (r *reader) route() Route {
	out := Route{
		Multiplier: decimalOf(r, "multiplier", trading.ParseRatio), MaxOrder: decimalOf(r, "maxOrder", trading.ParseMoney),
		MaxPosition: decimalOf(r, "maxPosition", trading.ParseMoney), Leverage: r.whole("leverage", 1_000_000),
	}
	account, margin := "", ""
	r.text("account", &account)
	r.text("marginMode", &margin)
	r.yes("enabled", &out.Enabled)
	out.Account, out.MarginMode = trading.AccountID(account), trading.MarginMode(margin)
	r.inner("size", sizeKeys, func(r *reader) {
		mode := ""
		r.text("mode", &mode)
		out.Size = trading.Size{Mode: trading.SizeMode(mode), Value: decimalOf(r, "value", trading.ParseRatio)}
	})
	return out
}

// level reads a price, or a percent of the entry.
func (r *reader) level(key string) trading.Level {
	text := ""
	r.text(key, &text)
	if text == "" {
		return trading.Level{}
	}
	var l trading.Level
	var err error
	if number, percent := strings.CutSuffix(text, "%"); percent {
		l.Percent, err = trading.ParseRatio(strings.TrimSpace(number))
	} else {
		l.Price, err = trading.ParsePrice(text)
	}
	if err != nil || l.IsZero() {
		r.wrong(key, "want a price such as \"58000\" or a percent such as \"2%%\"")
	}
	return l
}

func levelText(l trading.Level) string {
	switch {
	case !l.Percent.IsZero():
		return l.Percent.String() + "%"
	case !l.Price.IsZero():
		return l.Price.String()
	}
	return ""
}

func numberText[U any](n trading.Num[U]) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}
