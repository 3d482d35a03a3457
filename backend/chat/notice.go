package chat

// NoticeKind is a fact that is worth a message. The list is closed.
type NoticeKind string

// The kinds of notices.
const (
	NoticeSignal     NoticeKind = "signal"
	NoticeFill       NoticeKind = "fill"
	NoticePartial    NoticeKind = "partial"
	NoticeRejected   NoticeKind = "rejected"
	NoticeUnknown    NoticeKind = "unknown"
	NoticeExpired    NoticeKind = "expired"
	NoticeKill       NoticeKind = "kill"
	NoticeDrawdown   NoticeKind = "drawdown"
	NoticeProtection NoticeKind = "protection"
	NoticeDeadLetter NoticeKind = "dead_letter"
	NoticeTunnel     NoticeKind = "tunnel"
	NoticeDrift      NoticeKind = "drift"
	NoticeReport     NoticeKind = "report"
)

// Level is how loud a kind of notice is.
type Level string

// The levels.
const (
	On     Level = "on"
	Silent Level = "silent"
	Off    Level = "off"
)

// Notice is one kind, how loud it is until somebody says otherwise, and what it tells.
type Notice struct {
	Kind  NoticeKind
	Level Level
	Help  string
}

// Notices lists every kind, in the order shown.
func Notices() []Notice {
	return []Notice{
		{NoticeSignal, Off, "An alert came in."},
		{NoticeFill, On, "An order filled: size, price, what it made."},
		{NoticePartial, Silent, "An order filled in part."},
		{NoticeRejected, On, "An alert was refused, or its order rejected, with what to do."},
		{NoticeUnknown, On, "The exchange gave no answer about an order; it is being asked."},
		{NoticeExpired, On, "An order's time ran out before it could be sent."},
		{NoticeKill, On, "Trading was halted, paused or released."},
		{NoticeDrawdown, On, "A loss came near a limit, or reached it."},
		{NoticeProtection, On, "A stop or a target was set, moved, or is missing."},
		{NoticeDeadLetter, On, "Work of the queue was given up and waits for a person."},
		{NoticeTunnel, Silent, "The public address went away or came back."},
		{NoticeDrift, On, "Ledger and exchange do not agree."},
		{NoticeReport, Silent, "A report is ready."},
	}
}
