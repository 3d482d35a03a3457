//go:build desktop || dev || bindings

package app

// pageLog is where the window's own messages go.
type pageLog struct{ f *frame }

func (l pageLog) Print(message string)   { l.note(message) }
func (l pageLog) Trace(message string)   { l.note(message) }
func (l pageLog) Debug(message string)   { l.note(message) }
func (l pageLog) Info(message string)    { l.note(message) }
func (l pageLog) Warning(message string) { l.note(message) }

func (l pageLog) Error(message string) {
	if l.f.book != nil {
		l.f.book.log.Warn("window", "message", message)
	}
}

func (l pageLog) Fatal(message string) { l.Error(message) }

func (l pageLog) note(message string) {
	if l.f.book != nil {
		l.f.book.log.Debug("window", "message", message)
	}
}
