package app

import "hoox/backend/settings"

// termsVersion is that of the words below. Other words are another version, which has to be accepted anew.
const termsVersion = "1"

// termsPoints are what a person should know before money moves, in plain words.
func termsPoints() []SetupPoint {
	return []SetupPoint{
		{"It trades by itself", "An alert with your key in it is an order: the program buys or sells within milliseconds, also at night and while nobody looks. " +
			"It starts on paper, with made-up money. Real money moves only after you have added the keys of an exchange and switched that exchange to LIVE."},
		{"You can lose everything on the account", "The program does not know whether an alert is a good one. With leverage a position can lose all that stands behind it faster than anybody can act. " +
			"Use money that you can do without, and keep the caps under Settings small at first."},
		{"It can promise neither a fill nor a price", "TradingView, the tunnel, the exchange, your connection and this computer can each fail. While this computer is off, asleep or offline no alert is traded, " +
			"and nobody looks after a stop that only this program keeps. What rests at an exchange stays there."},
		{"What it is built to do", "Trade an alert once and never twice; ask the exchange when it is not certain what became of an order, and send nothing again; say why it did not trade; " +
			"stop at once when you press HALT. Paper fills are a model: an exchange fills otherwise."},
		{"What leaves this computer", "Orders go to your exchange, signed with your keys. The keys lie sealed on this computer and are shown to nobody; use ones that cannot withdraw. Whoever has the webhook key can trade in your name within your caps."},
		{"You answer for it", "Nothing here is advice to buy or sell. The program comes as it is, without any warranty, under the Apache License 2.0. Taxes, and whether you may trade this way where you live, are up to you."},
	}
}

// terms are the words, and who accepted them.
func (h *house) terms(changed map[string]change) SetupTerms {
	t := SetupTerms{Version: termsVersion, Points: termsPoints(), Accepted: h.settings.Now().Text(settings.SetupAccepted) == termsVersion}
	if c, ok := changed[settings.SetupAccepted]; ok && t.Accepted {
		t.AcceptedAt, t.AcceptedBy = when(c.at), c.actor
	}
	return t
}
