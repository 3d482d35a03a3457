package app

// TradingState is what the kill switch says.
type TradingState struct {
	// State is active, reducing or halted.
	State  string `json:"state"`
	Reason string `json:"reason"`
	Actor  string `json:"actor"`
	Since  string `json:"since"`
	// Exchanges counts the resting entries whose cancel was asked and proven.
	Exchanges []KillProgress `json:"exchanges"`
}

// KillProgress is how far the cancels of one exchange are.
type KillProgress struct {
	Name      string `json:"name"`
	Cancelled int    `json:"cancelled"`
	Confirmed int    `json:"confirmed"`
}

// SetKill changes the trading state.
type SetKill struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
}

// Checklist is what a person reads before releasing the kill switch.
type Checklist struct {
	Items []ChecklistItem `json:"items"`
}

// ChecklistItem is one line of it.
type ChecklistItem struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// PartHealth is one part of the house.
type PartHealth struct {
	// Name is ledger, queue, gateway, market, vault, settings, disk, clock, telegram, tunnel, email, assistant or the
	// exchange's name.
	Name string `json:"name"`
	// State is ok, degraded, down or off.
	State         string `json:"state"`
	Detail        string `json:"detail"`
	LatencyMicros int64  `json:"latencyMicros"`
	CheckedAt     string `json:"checkedAt"`
	// Fix says what to do, "" when nothing is to be done.
	Fix string `json:"fix"`
}

// HealthReport is every part and the pulse in the footer.
type HealthReport struct {
	Items   []PartHealth `json:"items"`
	Mode    string       `json:"mode"`
	Version string       `json:"version"`
	// LastAlertAt is when the newest signal came; "" when none came yet.
	LastAlertAt string `json:"lastAlertAt"`
	// AnswerMicros is how long the newest answer took.
	AnswerMicros int64 `json:"answerMicros"`
	QueueDepth   int   `json:"queueDepth"`
	// Now is our clock, so that the page can count ages by it.
	Now string `json:"now"`
}

// SettingRow is one line of the manifest.
type SettingRow struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Default string `json:"default"`
	// Type is boolean, integer, decimal, text, enum, list or json.
	Type string `json:"type"`
	// Bounds says what is allowed, in words ("1 to 125", "a | b | c").
	Bounds string `json:"bounds"`
	// Options lists the values of an enum.
	Options   []string `json:"options"`
	Help      string   `json:"help"`
	Group     string   `json:"group"`
	Unit      string   `json:"unit"`
	ReadOnly  bool     `json:"readOnly"`
	UpdatedAt string   `json:"updatedAt"`
	Actor     string   `json:"actor"`
}

// ListSettings asks for the manifest, or a page of it.
type ListSettings struct {
	// Limit is the number of rows wanted, 1 to 500; 0 means all of them.
	Limit int `json:"limit"`
	// Cursor is the Next of the page before, "" for the beginning.
	Cursor string `json:"cursor"`
}

// SettingList is the manifest, in the order shown.
type SettingList struct {
	Items []SettingRow `json:"items"`
	// Next is the cursor of the page after, "" after the last.
	Next string `json:"next"`
}

// SetSetting changes one setting. Value is the text form of its type.
type SetSetting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// GetSetting names a setting.
type GetSetting struct {
	Key string `json:"key"`
}

// SettingHistory is every change of one setting, newest first.
type SettingHistory struct {
	Items []SettingChange `json:"items"`
}

// SettingChange is one of them.
type SettingChange struct {
	At    string `json:"at"`
	Actor string `json:"actor"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// JobRow is one piece of durable work.
type JobRow struct {
	ID string `json:"id"`
	// Kind is submit, resolve or cancel.
	Kind      string `json:"kind"`
	Lane      string `json:"lane"`
	RequestID string `json:"requestId"`
	OrderID   string `json:"orderId"`
	// State is ready, leased, done or dead.
	State     string `json:"state"`
	Attempts  int    `json:"attempts"`
	RunAt     string `json:"runAt"`
	Deadline  string `json:"deadline"`
	LastError string `json:"lastError"`
	CreatedAt string `json:"createdAt"`
}

// JobPage is the work that waits and the dead letters.
type JobPage struct {
	Items []JobRow `json:"items"`
	Next  string   `json:"next"`
	// Waiting and Dead count all rows, not those of this page.
	Waiting int `json:"waiting"`
	Dead    int `json:"dead"`
}

// JobID names a job.
type JobID struct {
	ID string `json:"id"`
}

// RequeueAlert names an alert to trade anew; with Preview only what that would do is told.
type RequeueAlert struct {
	// ID is the request, or a job of it.
	ID      string `json:"id"`
	Preview bool   `json:"preview"`
}

// Requeued is the new signal, or with Preview what it would do on each account.
type Requeued struct {
	Preview bool `json:"preview"`
	// RequestID is the new signal; with Preview the one that is there already, "" for none.
	RequestID string          `json:"requestId"`
	Status    string          `json:"status"`
	Reason    string          `json:"reason"`
	Items     []PreviewCourse `json:"items"`
}

// WebhookAddress is what to paste into TradingView.
type WebhookAddress struct {
	// URL is the public address, or the loopback one when there is no tunnel.
	URL string `json:"url"`
	// Public is true when the world can reach it.
	Public bool   `json:"public"`
	Note   string `json:"note"`
	// KeyHint is the last four characters of the webhook key.
	KeyHint string `json:"keyHint"`
}

// RevealedKey is the webhook key, shown because the person asked.
type RevealedKey struct {
	Key string `json:"key"`
}

// BuildAlert describes the alert a trader wants.
type BuildAlert struct {
	// Kind is indicator or strategy.
	Kind     string `json:"kind"`
	Exchange string `json:"exchange"`
	// Symbol is a symbol or "" for TradingView's {{ticker}}.
	Symbol string `json:"symbol"`
	// Action is LONG, SHORT, CLOSE or FLAT (indicator only).
	Action string `json:"action"`
	// SizeMode is quantity, quoteQuantity, percent or riskPercent.
	SizeMode     string `json:"sizeMode"`
	Size         string `json:"size"`
	Leverage     string `json:"leverage"`
	OrderType    string `json:"orderType"`
	Price        string `json:"price"`
	TakeProfit   string `json:"takeProfit"`
	StopLoss     string `json:"stopLoss"`
	TrailingStop string `json:"trailingStop"`
	Strategy     string `json:"strategy"`
	MaxAge       string `json:"maxAge"`
	Test         bool   `json:"test"`
}

// AlertText is the message to paste, with the key masked as <apiKey>.
type AlertText struct {
	JSON     string   `json:"json"`
	Warnings []string `json:"warnings"`
}

// SendAlert posts a message to our own gateway over HTTP, as TradingView would. The mask <apiKey> in it is replaced by
// the key on our side, so the key does not have to be shown.
type SendAlert struct {
	Body string `json:"body"`
}

// AlertAnswer is what the gateway answered.
type AlertAnswer struct {
	Status    int    `json:"status"`
	Body      string `json:"body"`
	Micros    int64  `json:"micros"`
	RequestID string `json:"requestId"`
}

// Overview is the first page.
type Overview struct {
	Mode     string `json:"mode"`
	Currency string `json:"currency"`
	// Equity of all accounts of the mode in Currency.
	Equity        string `json:"equity"`
	Balance       string `json:"balance"`
	UnrealizedPnl string `json:"unrealizedPnl"`
	// TodayPnl is TodayRealized (today in UTC, after fees and funding) plus the change of what is open; TodayPercent is of
	// the equity at the start of the day.
	TodayPnl      string `json:"todayPnl"`
	TodayRealized string `json:"todayRealized"`
	TodayPercent  string `json:"todayPercent"`
	TodayFees     string `json:"todayFees"`
	TodayFills    int    `json:"todayFills"`
	TodaySignals  int    `json:"todaySignals"`
	TodayRefused  int    `json:"todayRefused"`
	// Curve is equity over time, oldest first.
	Curve []EquityPoint `json:"curve"`
	// Ticks are the fills to mark on the curve.
	Ticks []FillRow `json:"ticks"`
	// Accounts is the money of each account.
	Accounts []AccountRow `json:"accounts"`
}

// GetOverview chooses the span of the curve.
type GetOverview struct {
	// Span is 1d, 1w, 1m or all.
	Span string `json:"span"`
}

// EquityPoint is one point of the curve.
type EquityPoint struct {
	At     string `json:"at"`
	Equity string `json:"equity"`
}

// AccountRow is the money of one account.
type AccountRow struct {
	Account       string `json:"account"`
	Exchange      string `json:"exchange"`
	Mode          string `json:"mode"`
	Currency      string `json:"currency"`
	Balance       string `json:"balance"`
	Equity        string `json:"equity"`
	UnrealizedPnl string `json:"unrealizedPnl"`
	// Margin is what the open positions tie up.
	Margin string `json:"margin"`
}
