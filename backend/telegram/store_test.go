package telegram_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

var errDisk = errors.New("disk is full")

// memory is a store that outlives the runners that use it.
type memory struct {
	mu      sync.Mutex
	updates []*kept
	letters []*letter
	// broken makes the calls of these names fail.
	broken map[string]bool
	takes  int
	// meanwhile is for then.
	meanwhile func()
}

// kept is an update and what came of it.
type kept struct {
	chat.Update
	state, detail string
}

// letter is a message and what became of it.
type letter struct {
	chat.Message
	state  chat.Delivery
	why    string
	number int64
	due    time.Time
}

func newMemory() *memory { return &memory{broken: map[string]bool{}} }

// fail makes calls of a name fail, or not any more.
func (m *memory) fail(name string, broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken[name] = broken
}

// then does something once, after the updates that were begun were read.
func (m *memory) then(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.meanwhile = do
}

func (m *memory) enter(name string) (leave func(), err error) {
	m.mu.Lock()
	if m.broken[name] {
		m.mu.Unlock()
		return nil, trading.Wrap(trading.Unavailable, errDisk, name)
	}
	return m.mu.Unlock, nil
}

func (m *memory) TakeUpdate(_ context.Context, u chat.Update, _ time.Time) (bool, error) {
	leave, err := m.enter("take")
	if err != nil {
		return false, err
	}
	defer leave()
	m.takes++
	if slices.ContainsFunc(m.updates, func(k *kept) bool { return k.ID == u.ID }) {
		return false, nil
	}
	m.updates = append(m.updates, &kept{Update: u, state: chat.Begun})
	if m.broken["torn"] {
		// It was taken, and nobody is told so.
		m.broken["torn"] = false
		return false, trading.Wrap(trading.Unavailable, errDisk, "take")
	}
	return true, nil
}

func (m *memory) EndUpdate(_ context.Context, id int64, state, detail string, replies []chat.Message, at time.Time) error {
	leave, err := m.enter("end")
	if err != nil {
		return err
	}
	defer leave()
	for _, k := range m.updates {
		if k.ID == id && k.state == chat.Begun {
			k.state, k.detail = state, detail
			m.post(at, replies...)
		}
	}
	return nil
}

func (m *memory) BegunUpdates(context.Context) ([]chat.Update, error) {
	leave, err := m.enter("begun")
	if err != nil {
		return nil, err
	}
	defer leave()
	var list []chat.Update
	for _, k := range m.updates {
		if k.state == chat.Begun {
			list = append(list, k.Update)
		}
	}
	if do := m.meanwhile; do != nil {
		m.meanwhile = nil
		m.mu.Unlock()
		do()
		m.mu.Lock()
	}
	return list, nil
}

// post puts messages into the outbox.
func (m *memory) post(at time.Time, list ...chat.Message) {
	for _, one := range list {
		one.ID, one.PostedAt = int64(len(m.letters)+1), at
		m.letters = append(m.letters, &letter{Message: one, state: chat.Waiting, due: at})
	}
}

// Post puts messages into the outbox now.
func (m *memory) Post(list ...chat.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.post(time.Now(), list...)
}

func (m *memory) DueMessages(_ context.Context, now time.Time, limit int) ([]chat.Message, error) {
	leave, err := m.enter("due")
	if err != nil {
		return nil, err
	}
	defer leave()
	var list []chat.Message
	seen := map[int64]bool{}
	for _, l := range m.letters {
		if l.state != chat.Waiting || seen[l.Chat] {
			continue
		}
		seen[l.Chat] = true
		if !l.due.After(now) && len(list) < limit {
			list = append(list, l.Message)
		}
	}
	return list, nil
}

func (m *memory) settle(name string, id int64, edit func(l *letter)) error {
	leave, err := m.enter(name)
	if err != nil {
		return err
	}
	defer leave()
	l := m.letters[id-1]
	if l.state != chat.Waiting {
		return trading.Errorf(trading.NotFound, "message %d does not wait", id)
	}
	l.Attempts++
	edit(l)
	return nil
}

func (m *memory) MessageSent(_ context.Context, id, number int64, _ time.Time) error {
	return m.settle("sent", id, func(l *letter) { l.state, l.number, l.why = chat.Sent, number, "" })
}

func (m *memory) MessageFailed(_ context.Context, id int64, why string, again, _ time.Time) error {
	return m.settle("failed", id, func(l *letter) {
		l.why, l.due = why, again
		if again.IsZero() {
			l.state = chat.Failed
		}
	})
}

func (m *memory) Undelivered(context.Context) (waiting int, oldest time.Time, err error) {
	leave, err := m.enter("count")
	if err != nil {
		return 0, time.Time{}, err
	}
	defer leave()
	for _, l := range m.letters {
		if l.state == chat.Waiting {
			if waiting == 0 {
				oldest = l.PostedAt
			}
			waiting++
		}
	}
	return waiting, oldest, nil
}

// states lists what came of each update, by the words.
func (m *memory) states() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]string{}
	for _, k := range m.updates {
		out[k.Words+k.Button] = k.state
	}
	return out
}

// letter is a message as it stands.
func (m *memory) letter(id int) letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *m.letters[id-1]
}
