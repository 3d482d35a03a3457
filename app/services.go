package app

import "hoox/backend/trading"

// services is everything that may be called, on behalf of one actor. The window, the browser and the command line have a
// set each, so that what they do is written down under their name.
type services struct {
	signals    *Signals
	orders     *Orders
	fills      *Fills
	positions  *Positions
	kill       *Kill
	health     *Health
	settings   *Settings
	queue      *Queue
	alerts     *Alerts
	setup      *Setup
	analytics  *Analytics
	accounts   *Accounts
	strategies *Strategies
	drift      *Drift
	secrets    *Secrets
	hooks      *WebhookKeys
}

// actor names who calls, and by which door its orders come.
type actor struct {
	name   string
	source trading.Source
}

// The actors. A browser page is the window by another pane of glass.
func windowActor() actor  { return actor{"window", trading.FromWindow} }
func browserActor() actor { return actor{"browser", trading.FromWindow} }
func cliActor() actor     { return actor{"cli", trading.FromCLI} }

func newServices(h *house, who actor) *services {
	return &services{
		signals:    &Signals{in: h},
		orders:     &Orders{in: h, who: who},
		fills:      &Fills{in: h},
		positions:  &Positions{in: h, who: who},
		kill:       &Kill{in: h, who: who},
		health:     &Health{in: h},
		settings:   &Settings{in: h, who: who},
		queue:      &Queue{in: h, who: who},
		alerts:     &Alerts{in: h, who: who},
		setup:      &Setup{in: h},
		analytics:  &Analytics{in: h},
		accounts:   &Accounts{in: h, who: who},
		strategies: &Strategies{in: h, who: who},
		drift:      &Drift{in: h, who: who},
		secrets:    &Secrets{in: h, who: who},
		hooks:      &WebhookKeys{in: h, who: who},
	}
}

// all lists the services in the order of the golden list.
func (s *services) all() []any {
	return []any{
		s.signals, s.orders, s.fills, s.positions, s.kill, s.health, s.settings, s.queue, s.alerts, s.setup, s.analytics, s.accounts,
		s.strategies, s.drift, s.hooks, s.secrets,
	}
}
