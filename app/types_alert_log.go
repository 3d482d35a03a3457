package app

// CompareLog carries a log of alerts.
type CompareLog struct {
	// CSV is the file that TradingView exports, as it is.
	CSV string `json:"csv"`
}

// AlertLog is what became of the alerts in such a file.
type AlertLog struct {
	// From and To are the first and the last alert in the file, "" for a file without one.
	From string `json:"from"`
	To   string `json:"to"`
	// Lines counts all alerts, Ours those whose message is an alert for this program, Arrived those of them that came in.
	Lines   int `json:"lines"`
	Ours    int `json:"ours"`
	Arrived int `json:"arrived"`
	// Missed are those of ours that never came in, or were turned away at the door, oldest first.
	Missed []LoggedAlert `json:"missed"`
	// Others are those that are no alert for this program.
	Others []LoggedAlert `json:"others"`
}

// LoggedAlert is one line of the file.
type LoggedAlert struct {
	// Line is where it stands in the file, 1 is the heading.
	Line int `json:"line"`
	// At is when TradingView fired it.
	At     string `json:"at"`
	Name   string `json:"name"`
	Ticker string `json:"ticker"`
	// Delivery is what TradingView says about the webhook, "" when the file does not tell.
	Delivery string `json:"delivery"`
	// Message is the alert without its key, "" for one that is not for this program: NotOurs says why.
	Message string `json:"message"`
	NotOurs string `json:"notOurs"`
}
