package app

// StrategyDoc is a strategy as it is edited. Amounts are decimal text; "" leaves a thing to the alert or the settings.
type StrategyDoc struct {
	Name    string          `json:"name"`
	Enabled bool            `json:"enabled"`
	Routes  []StrategyRoute `json:"routes"`
	Symbols []SymbolMapping `json:"symbols"`
	// Pyramiding is add, ignore or replace; MaxAdds 0 is any number.
	Pyramiding     string `json:"pyramiding"`
	MaxAdds        int    `json:"maxAdds"`
	CancelPrevious bool   `json:"cancelPrevious"`
	Dust           bool   `json:"dust"`
	// StopLoss and TrailingStop are a price ("64000") or percent ("2%").
	StopLoss     string           `json:"stopLoss"`
	TakeProfit   []StrategyTarget `json:"takeProfit"`
	TrailingStop string           `json:"trailingStop"`
	// MaxAgeSeconds 0 leaves it to the settings.
	MaxAgeSeconds int `json:"maxAgeSeconds"`
	// ExpectMinutes is how long the strategy may be silent before you are told, 0 for ever.
	ExpectMinutes int  `json:"expectMinutes"`
	PaperTwin     bool `json:"paperTwin"`
}

// StrategyRoute is one account a strategy runs on.
type StrategyRoute struct {
	Account string `json:"account"`
	Enabled bool   `json:"enabled"`
	// SizeMode is "" for the alert's own size, multiplier, quantity, quoteQuantity, percent or riskPercent.
	SizeMode    string `json:"sizeMode"`
	SizeValue   string `json:"sizeValue"`
	MaxOrder    string `json:"maxOrder"`
	MaxPosition string `json:"maxPosition"`
	// Leverage 0 leaves it.
	Leverage int `json:"leverage"`
	// MarginMode is "", cross or isolated.
	MarginMode string `json:"marginMode"`
}

// SymbolMapping gives symbols another name; * in the pattern is anything.
type SymbolMapping struct {
	Pattern string `json:"pattern"`
	To      string `json:"to"`
	// Account limits the mapping to one account, "" is all.
	Account string `json:"account"`
}

// StrategyTarget is one target: a price or percent, and the share in percent that closes there; "" is all.
type StrategyTarget struct {
	At    string `json:"at"`
	Share string `json:"share"`
}

// StrategyRow is a stored strategy.
type StrategyRow struct {
	Doc       StrategyDoc `json:"doc"`
	Version   int64       `json:"version"`
	UpdatedAt string      `json:"updatedAt"`
	Actor     string      `json:"actor"`
}

// StrategyList is every strategy, by name.
type StrategyList struct {
	Items []StrategyRow `json:"items"`
}

// SaveStrategy stores a strategy. Version is the one that was edited, 0 for a new one.
type SaveStrategy struct {
	Doc     StrategyDoc `json:"doc"`
	Version int64       `json:"version"`
}

// DeleteStrategy ends a strategy.
type DeleteStrategy struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
}

// PreviewStrategy asks what an alert would do, with the strategy as it is edited. Nothing is stored or sent.
type PreviewStrategy struct {
	Doc StrategyDoc `json:"doc"`
	// Alert is the alert's JSON text, without a key.
	Alert string `json:"alert"`
}

// Preview is what an alert would do on each account.
type Preview struct {
	Items []PreviewCourse `json:"items"`
}

// PreviewCourse is what an alert would do on one account.
type PreviewCourse struct {
	Account string `json:"account"`
	Mode    string `json:"mode"`
	Symbol  string `json:"symbol"`
	Product string `json:"product"`
	// Verdict is accepted, or the status it would end with: refused, no_op, blocked, expired.
	Verdict  string         `json:"verdict"`
	Reason   string         `json:"reason"`
	Legs     []PreviewLeg   `json:"legs"`
	Checks   []PreviewCheck `json:"checks"`
	Warnings []string       `json:"warnings"`
}

// PreviewLeg is one order that would be sent.
type PreviewLeg struct {
	Side       string `json:"side"`
	Type       string `json:"type"`
	Quantity   string `json:"quantity"`
	BaseAsset  string `json:"baseAsset"`
	Price      string `json:"price"`
	ReduceOnly bool   `json:"reduceOnly"`
	Leverage   int    `json:"leverage"`
	// Protection says in words what would stand behind it, "" for nothing.
	Protection string `json:"protection"`
}

// PreviewCheck is one rule that was looked at.
type PreviewCheck struct {
	Rule   string `json:"rule"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}
