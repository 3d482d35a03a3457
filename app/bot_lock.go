package app

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// locksKey is the setting with the symbols that take no entries.
const locksKey = "trade:locked_symbols"

// lockCommands keep entries of one symbol out, on every exchange.
func (b *bot) lockCommands() []botCommand {
	return []botCommand{
		{name: "locks", help: "symbols that take no entries", needs: chat.Viewer, run: b.locks},
		{name: "lock", usage: "<symbol> [2h|1d|time]", help: "no entries of a symbol, closes go on; at once", needs: chat.Operator, run: b.lock},
		{name: "unlock", usage: "<symbol>", help: "take a lock off", needs: chat.Owner, run: b.unlock},
	}
}

// locked are the locks that hold now.
func (b *bot) locked(a *asking) []trading.Lock {
	return slices.DeleteFunc(b.in.settings.Now().Locks(locksKey), func(l trading.Lock) bool { return !l.Holds(a.now) })
}

func lockOf(list []trading.Lock, symbol string) (trading.Lock, bool) {
	if i := slices.IndexFunc(list, func(l trading.Lock) bool { return l.Symbol == symbol }); i >= 0 {
		return list[i], true
	}
	return trading.Lock{}, false
}

func without(list []trading.Lock, symbol string) []trading.Lock {
	return slices.DeleteFunc(slices.Clone(list), func(l trading.Lock) bool { return l.Symbol == symbol })
}

func (b *bot) locks(a *asking) (reply, error) {
	list := b.locked(a)
	if len(list) == 0 {
		return looked(a, "No symbol is locked."), nil
	}
	t := chat.NewSheet("symbol", "until")
	for _, l := range list {
		t.Add(l.Symbol, b.until(l))
	}
	return looked(a, chat.Bold("Locked: no entries, closes go")+"\n"+t.HTML()), nil
}

func (b *bot) until(l trading.Lock) string {
	if l.Until.IsZero() {
		return "unlocked"
	}
	// With its year: a lock may be for long.
	return l.Until.In(b.zone).Format("2 Jan 2006 15:04")
}

// lock locks a symbol, or locks it for longer. It asks nothing back, since it never loosens.
func (b *bot) lock(a *asking) (reply, error) {
	if a.command.Arg(0) == "" || len(a.command.Args) > 2 {
		return reply{}, trading.FieldError("symbol", "want a symbol, and for how long or until when: /lock BTCUSDT, /lock BTCUSDT 2h, /lock BTCUSDT 2026-11-23T10:00:00Z")
	}
	wanted, err := trading.ParseLock(a.command.Arg(0))
	if err != nil {
		return reply{}, err
	}
	if text := a.command.Arg(1); text != "" {
		if strings.Contains(a.command.Arg(0), "@") {
			return reply{}, trading.FieldError("until", "say until when once: behind @, or after the symbol")
		}
		if wanted, err = lockFor(wanted.Symbol, text, a.now); err != nil {
			return reply{}, err
		}
	}
	if !wanted.Holds(a.now) {
		return reply{}, trading.FieldError("until", "%s has passed: nothing was locked", when(wanted.Until))
	}
	b.locking.Lock()
	defer b.locking.Unlock()
	list := b.locked(a)
	if before, is := lockOf(list, wanted.Symbol); is && before.Covers(wanted) {
		return reply{html: chat.Code(before.Symbol) + " is locked already, until " + chat.Escape(b.until(before)) + ". That is no shorter, and stays."}, nil
	}
	if err := setLocks(a, append(without(list, wanted.Symbol), wanted)); err != nil {
		return reply{}, err
	}
	return reply{html: chat.Bold("Locked: "+wanted.Symbol) + " until " + chat.Escape(b.until(wanted)) +
		".\nNo exchange takes entries of it; closes go. What rests already stays: /orders."}, nil
}

var lockSpan = regexp.MustCompile(`^([1-9][0-9]{0,3})(m|h|d|w)$`)

// lockFor reads for how long, or until when.
func lockFor(symbol, text string, now time.Time) (trading.Lock, error) {
	units := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	found := lockSpan.FindStringSubmatch(strings.ToLower(text))
	if found == nil {
		return trading.ParseLock(symbol + "@" + strings.ToUpper(text))
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return trading.Lock{}, trading.FieldError("until", "%q is no span such as 2h or 1d", text)
	}
	// Whole seconds, and never a moment short.
	end := now.UTC().Add(time.Duration(n)*units[found[2]] + time.Second - 1).Truncate(time.Second)
	return trading.Lock{Symbol: symbol, Until: end}, nil
}

// unlock takes a lock off. That loosens what bounds the risk: without the code of an authenticator it is for the desktop.
func (b *bot) unlock(a *asking) (reply, error) {
	wanted, err := trading.ParseLock(a.command.Arg(0))
	if err != nil || len(a.command.Args) != 1 || !wanted.Until.IsZero() {
		return reply{}, trading.FieldError("symbol", "want a symbol, such as /unlock BTCUSDT; /locks lists them")
	}
	lock, is := lockOf(b.locked(a), wanted.Symbol)
	if !is {
		return reply{html: chat.Code(wanted.Symbol) + " is not locked. There is nothing to unlock."}, nil
	}
	if !b.in.settings.Now().Bool("telegram:totp") {
		return reply{}, trading.Errorf(trading.Refused, "unlocking is for the desktop while telegram:totp is off, since whoever holds the phone could: take %s off %s there", lock.Symbol, locksKey)
	}
	summary := chat.Bold("Take entries of "+lock.Symbol+" again, "+modeWord(b.in.overall())) + "\n" + chat.Escape("It is locked until "+b.until(lock)+".")
	return b.confirm(a, chat.Owner, summary, "Unlock "+lock.Symbol, func(a *asking) (reply, error) {
		b.locking.Lock()
		defer b.locking.Unlock()
		list := b.locked(a)
		if now, is := lockOf(list, lock.Symbol); !is || now != lock {
			return no(summary + "\nIt was changed meanwhile. <b>Nothing was done.</b>"), nil
		}
		if err := setLocks(a, without(list, lock.Symbol)); err != nil {
			return reply{}, err
		}
		return reply{html: chat.Bold("Unlocked: " + lock.Symbol)}, nil
	}), nil
}

// setLocks stores the locks that hold; what has ended is left out.
func setLocks(a *asking, list []trading.Lock) error {
	items := each(list, trading.Lock.String)
	text, err := json.Marshal(items)
	if err != nil {
		return fmt.Errorf("write the locks: %w", err)
	}
	_, err = a.services.settings.Set(SetSetting{Key: locksKey, Value: string(text)})
	return err
}
