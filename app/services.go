package app

import (
	"strings"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

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
	audit      *Audit
	alarms     *Alarms
	sessions   *Sessions
	tokens     *Tokens
	desktop    *Desktop
	support    *Support
	tunnel     *Tunnel
	telegram   *Telegram
}

// actor is who calls: what its orders and settings are kept under, by which door they come, and what it may do.
type actor struct {
	name   string
	source trading.Source
	scope  scope
	// label is the name in the audit, which tells one browser from another; "" is the name.
	label string
	// resumes tells that this actor may end a pause, though not a halt.
	resumes bool
	// session is the browser's, "" for everybody else.
	session string
}

// thisComputer is where everybody comes from who calls: the control interface is on loopback only.
const thisComputer = "this computer"

// who is the actor in the audit.
func (a actor) who() audit.Who {
	if a.label != "" {
		return audit.Who{Actor: a.label, Origin: thisComputer}
	}
	return audit.Who{Actor: a.name, Origin: thisComputer}
}

// The actors. A browser page is the window by another pane of glass; the command line is whoever holds the internal key.
func windowActor() actor { return actor{name: "window", source: trading.FromWindow, scope: canAll} }

func cliActor() actor { return actor{name: "cli", source: trading.FromCLI, scope: canAll} }

func browserActor(id, words string) actor {
	return actor{name: "browser", source: trading.FromWindow, scope: canAll, label: "browser " + id + " (" + words + ")", session: id}
}

func tokenActor(name string, may scope) actor {
	return actor{name: "token " + name, source: trading.FromCLI, scope: may}
}

// isCaller tells whether a name is that of somebody who asked, and not of a part of the program that acted by itself.
func isCaller(name string) bool {
	switch name {
	case "window", "cli", "browser", "tray":
		return true
	}
	return strings.HasPrefix(name, "token ")
}

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
		setup:      &Setup{in: h, who: who},
		analytics:  &Analytics{in: h},
		accounts:   &Accounts{in: h, who: who},
		strategies: &Strategies{in: h, who: who},
		drift:      &Drift{in: h, who: who},
		secrets:    &Secrets{in: h, who: who},
		hooks:      &WebhookKeys{in: h, who: who},
		audit:      &Audit{in: h},
		alarms:     &Alarms{in: h, who: who},
		sessions:   &Sessions{in: h, who: who},
		tokens:     &Tokens{in: h, who: who},
		desktop:    &Desktop{in: h, who: who},
		support:    &Support{in: h, who: who},
		tunnel:     &Tunnel{in: h, who: who},
		telegram:   &Telegram{in: h, who: who},
	}
}

// all lists the services in the order of the golden list.
func (s *services) all() []any {
	return []any{
		s.signals, s.orders, s.fills, s.positions, s.kill, s.health, s.settings, s.queue, s.alerts, s.setup, s.analytics, s.accounts,
		s.strategies, s.drift, s.hooks, s.secrets, s.audit, s.alarms, s.sessions, s.tokens, s.desktop, s.support, s.tunnel, s.telegram,
	}
}
