package app

import "hoox/backend/trading"

// scope is what a caller may do. The zero scope only looks.
type scope int

const (
	canRead scope = iota
	// canTrade also acts within the limits: closes, cancels, retries, halts.
	canTrade
	// canAll also changes limits, modes, secrets, and who may come in, and resumes trading.
	canAll
)

// The words of the scopes that a token may have.
const (
	scopeRead  = "read"
	scopeTrade = "trade"
)

// scopeNamed reads the scope of a token. Nothing but the internal key may do everything.
func scopeNamed(word string) (scope, error) {
	switch word {
	case scopeRead:
		return canRead, nil
	case scopeTrade:
		return canTrade, nil
	}
	return canRead, trading.FieldError("scope", "%q is not read or trade", word)
}

// needs is the scope that a method wants. One that is not listed wants everything, so that a new one is never open by mistake.
func needs(method string) scope {
	switch method {
	case "Signals.List", "Signals.Get", "Orders.List", "Fills.List", "Positions.List", "Kill.Get", "Kill.Checklist", "Health.Get",
		"Settings.List", "Settings.History", "Queue.List", "Alerts.Address", "Alerts.Build", "Alerts.CompareLog", "Setup.Get", "Analytics.Overview",
		"Accounts.List", "Accounts.Checklist", "Strategies.List", "Strategies.Preview", "Drift.List",
		"Desktop.QuitSummary", "Desktop.About", "Desktop.Update", "Tunnel.Get", "Telegram.Get", "Telegram.Log", "Telegram.Uploads", "Telegram.Open",
		"Audit.List", "Audit.Get", "Audit.Verify", "Audit.Export", "Alarms.List", "WebhookKeys.List":
		return canRead
	case "Orders.Cancel", "Orders.Settle", "Positions.Close", "Positions.Flatten", "Kill.Set", "Queue.Retry", "Queue.Discard",
		"Queue.Requeue", "Alerts.Send", "Accounts.Test", "Accounts.Canary", "Drift.Fix", "Alarms.Acknowledge", "Alarms.Test":
		return canTrade
	}
	return canAll
}
