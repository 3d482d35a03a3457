package app

// actCommands move money, within the limits.
func (b *bot) actCommands() []botCommand { return nil }

// typed answers a message that is awaited: a size, a code. ok is false when nothing is.
func (b *bot) typed(_ *asking) (r reply, ok bool) { return reply{}, false }
