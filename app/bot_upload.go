package app

// uploaded answers a picture or a document.
func (b *bot) uploaded(_ *asking) reply { return quiet("uploads are not kept") }
