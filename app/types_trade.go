package app

// Stage is one station in the story of a signal.
type Stage struct {
	At string `json:"at"`
	// Stage is one of received, admitted, refused, blocked, queued, submitted, accepted, partially_filled, filled,
	// canceled, rejected, expired, unknown, not_placed, needs_review, no_op.
	Stage string `json:"stage"`
	// Detail is the reason or the numbers in words.
	Detail string `json:"detail"`
	// Micros since the signal was received.
	Micros  int64  `json:"micros"`
	OrderID string `json:"orderId"`
}

// SignalRow is one alert and what became of it.
type SignalRow struct {
	RequestID string `json:"requestId"`
	// Source is webhook, window, cli, telegram, email or agent.
	Source     string `json:"source"`
	ReceivedAt string `json:"receivedAt"`
	// Status is accepted, enqueued, executing, filled, partial, no_op, rejected, refused, blocked, expired, not_placed
	// or needs_review.
	Status string `json:"status"`
	Reason string `json:"reason"`
	// Deliveries counts how often the same alert came; it may lag.
	Deliveries int64  `json:"deliveries"`
	Exchange   string `json:"exchange"`
	Account    string `json:"account"`
	Symbol     string `json:"symbol"`
	Action     string `json:"action"`
	Quantity   string `json:"quantity"`
	// Mode is paper, testnet or live.
	Mode string `json:"mode"`
	// Credential is the id of the webhook key that the alert came with, or who asked; KeyLabel is what that key is called, ""
	// for another credential.
	Credential string     `json:"credential"`
	KeyLabel   string     `json:"keyLabel"`
	Strategy   string     `json:"strategy"`
	Comment    string     `json:"comment"`
	Warnings   []string   `json:"warnings"`
	Orders     []OrderRow `json:"orders"`
	Timeline   []Stage    `json:"timeline"`
	// Parent is the request id of the same alert on the first account of its strategy, "" for that one itself and for an
	// alert that went to one account.
	Parent string `json:"parent"`
	// Children are the same alert on the further accounts of its strategy.
	Children []SignalChild `json:"children"`
}

// SignalChild is an alert on a further account of its strategy.
type SignalChild struct {
	RequestID string `json:"requestId"`
	Account   string `json:"account"`
	// Status and Reason are as of the signal there.
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// SignalStory is one signal with everything known about it.
type SignalStory struct {
	SignalRow
	// Raw is the alert as it came, with secrets cut out. It is outside text: show it as text only.
	Raw      string    `json:"raw"`
	Deadline string    `json:"deadline"`
	Decision []Numbers `json:"decision"`
	Fills    []FillRow `json:"fills"`
}

// Numbers is one line of a decision: what was compared with what.
type Numbers struct {
	// Rule names the check ("max order notional").
	Rule    string `json:"rule"`
	Asked   string `json:"asked"`
	Allowed string `json:"allowed"`
	OK      bool   `json:"ok"`
}

// SignalPage is one page of signals.
type SignalPage struct {
	Items []SignalRow `json:"items"`
	Next  string      `json:"next"`
}

// GetSignal names a signal.
type GetSignal struct {
	RequestID string `json:"requestId"`
}

// OrderRow is one order. Status is created, submitted, accepted, partially_filled, filled, canceled, rejected,
// expired, denied, blocked, unknown, not_placed or needs_review.
type OrderRow struct {
	ID              string `json:"id"`
	RequestID       string `json:"requestId"`
	Exchange        string `json:"exchange"`
	Account         string `json:"account"`
	Symbol          string `json:"symbol"`
	Side            string `json:"side"`
	Type            string `json:"type"`
	ReduceOnly      bool   `json:"reduceOnly"`
	Quantity        string `json:"quantity"`
	Price           string `json:"price"`
	TakeProfit      string `json:"takeProfit"`
	StopLoss        string `json:"stopLoss"`
	FilledQuantity  string `json:"filledQuantity"`
	AveragePrice    string `json:"averagePrice"`
	Status          string `json:"status"`
	ClientOrderID   string `json:"clientOrderId"`
	ExchangeOrderID string `json:"exchangeOrderId"`
	Reason          string `json:"reason"`
	Mode            string `json:"mode"`
	CreatedAt       string `json:"createdAt"`
	UpdatedAt       string `json:"updatedAt"`
}

// OrderPage is one page of orders.
type OrderPage struct {
	Items []OrderRow `json:"items"`
	Next  string     `json:"next"`
}

// CancelOrder names an order that rests at the exchange.
type CancelOrder struct {
	ID string `json:"id"`
}

// SettleOrder ends an order that needs review, by a person's word.
type SettleOrder struct {
	ID string `json:"id"`
	// As is filled, canceled, not_placed or rejected.
	As string `json:"as"`
	// Reason says how the person knows.
	Reason string `json:"reason"`
}

// FillRow is one execution. RealizedPnl is before fees; Fee is positive when paid.
type FillRow struct {
	ID        string `json:"id"`
	OrderID   string `json:"orderId"`
	RequestID string `json:"requestId"`
	Exchange  string `json:"exchange"`
	Account   string `json:"account"`
	Symbol    string `json:"symbol"`
	Side      string `json:"side"`
	Quantity  string `json:"quantity"`
	Price     string `json:"price"`
	Fee       string `json:"fee"`
	FeeAsset  string `json:"feeAsset"`
	// Liquidity is maker or taker.
	Liquidity   string `json:"liquidity"`
	RealizedPnl string `json:"realizedPnl"`
	Mode        string `json:"mode"`
	At          string `json:"at"`
}

// FillPage is one page of fills.
type FillPage struct {
	Items []FillRow `json:"items"`
	Next  string    `json:"next"`
}

// PositionRow is one open position. Side is long or short; Quantity is positive.
type PositionRow struct {
	Exchange string `json:"exchange"`
	Account  string `json:"account"`
	Symbol   string `json:"symbol"`
	// Product is linear or spot.
	Product    string `json:"product"`
	Side       string `json:"side"`
	Quantity   string `json:"quantity"`
	BaseAsset  string `json:"baseAsset"`
	QuoteAsset string `json:"quoteAsset"`
	EntryPrice string `json:"entryPrice"`
	MarkPrice  string `json:"markPrice"`
	// MarkAt is when the mark price was made; older than a few seconds means stale.
	MarkAt           string `json:"markAt"`
	Notional         string `json:"notional"`
	UnrealizedPnl    string `json:"unrealizedPnl"`
	RealizedPnl      string `json:"realizedPnl"`
	Leverage         string `json:"leverage"`
	LiquidationPrice string `json:"liquidationPrice"`
	StopLoss         string `json:"stopLoss"`
	TakeProfit       string `json:"takeProfit"`
	TrailingStop     string `json:"trailingStop"`
	Mode             string `json:"mode"`
	OpenedAt         string `json:"openedAt"`
	ReconciledAt     string `json:"reconciledAt"`
}

// PositionPage is every open position.
type PositionPage struct {
	Items []PositionRow `json:"items"`
	Next  string        `json:"next"`
}

// ClosePosition asks for a reduce-only market order. Quantity "" closes all of it.
type ClosePosition struct {
	Account  string `json:"account"`
	Symbol   string `json:"symbol"`
	Product  string `json:"product"`
	Side     string `json:"side"`
	Quantity string `json:"quantity"`
	// Key makes a repeated click one close: the page makes a new one each time the dialog opens.
	Key string `json:"key"`
}

// Flatten cancels every resting order and closes every position, of one exchange or ("") of all.
type Flatten struct {
	Exchange string `json:"exchange"`
	// Confirm must be the word FLATTEN.
	Confirm string `json:"confirm"`
	Key     string `json:"key"`
}

// FlattenStep is one line of what a flatten did.
type FlattenStep struct {
	// What is in words: "close 0.010 BTCUSDT long on bybit (PAPER)".
	What string `json:"what"`
	// State is asked, proven or failed.
	State  string `json:"state"`
	Detail string `json:"detail"`
}

// FlattenReport lists every step.
type FlattenReport struct {
	Items []FlattenStep `json:"items"`
}

// Receipt answers an act that became a signal or changed an order.
type Receipt struct {
	RequestID string `json:"requestId"`
	Status    string `json:"status"`
	Reason    string `json:"reason"`
}
