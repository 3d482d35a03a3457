package app

// moneyCommands show what became of the money.
func (b *bot) moneyCommands() []botCommand { return nil }
