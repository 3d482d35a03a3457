package app

// lookCommands show what is.
func (b *bot) lookCommands() []botCommand { return nil }
