package app

// guardCommands stop trading, and tighten what bounds it.
func (b *bot) guardCommands() []botCommand { return nil }
