//go:build proof

package proof

// #include "shim.h"
import "C"

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	// The layer lies under the engine that this driver brings.
	_ "github.com/mattn/go-sqlite3"
)

// Kind is what the engine does to a file.
type Kind int

// The kinds of events. A lock leaves no trace on disk; it can only fail.
const (
	Open Kind = iota + 1
	Write
	Truncate
	Sync
	Delete
	Lock
)

// Code is what a call answers instead of doing something: a result code of the engine.
type Code int

// The codes that disks fail with. Short does half of a write and then finds the disk full.
const (
	Fine      Code = 0
	Busy      Code = 5
	NoSpace   Code = 13
	CannotGo  Code = 14
	WriteFail Code = 10 | 3<<8
	SyncFail  Code = 10 | 4<<8
	Short     Code = -1
)

// Event is one thing that happened to a file, in the order in which it did.
type Event struct {
	Kind Kind
	File string
	// At is the offset of a write, the size after a truncate, and 1 for a delete whose folder was synced.
	At   int64
	Data []byte
}

// Disk watches the files of one folder from Attach to Detach.
type Disk struct {
	dir string

	mu     sync.Mutex
	before map[string][]byte
	tape   []Event
	quiet  bool
	fault  func(Kind, string) Code
}

// watching is the disk that hears of files. The engine calls a layer that it knows by name, and has no place for more.
var watching atomic.Pointer[Disk]

var install = sync.OnceValue(func() error {
	if C.proof_install() != 0 {
		return errors.New("put the layer under the engine")
	}
	return nil
})

// Attach begins to watch the files of a folder. before are files that are there already, by path. One disk at a time.
func Attach(dir string, before map[string][]byte) (*Disk, error) {
	if err := install(); err != nil {
		return nil, err
	}
	d := &Disk{dir: dir, before: before}
	if !watching.CompareAndSwap(nil, d) {
		return nil, errors.New("attach a disk: another one is attached")
	}
	return d, nil
}

// Detach ends the watch.
func (d *Disk) Detach() { watching.CompareAndSwap(d, nil) }

// Mute stops writing down, for runs in which only faults matter.
func (d *Disk) Mute() { d.mu.Lock(); d.quiet = true; d.mu.Unlock() }

// Fail asks a function before everything that happens what it shall answer; nil is always Fine.
func (d *Disk) Fail(fault func(Kind, string) Code) { d.mu.Lock(); d.fault = fault; d.mu.Unlock() }

// Len is how many events there are.
func (d *Disk) Len() int { d.mu.Lock(); defer d.mu.Unlock(); return len(d.tape) }

// Tape are the events so far.
func (d *Disk) Tape() []Event { d.mu.Lock(); defer d.mu.Unlock(); return slices.Clone(d.tape) }

// Careless is the same disk, had it ignored every sync: what a judge must not let pass.
func (d *Disk) Careless() *Disk {
	return &Disk{dir: d.dir, before: d.before, tape: slices.DeleteFunc(d.Tape(), func(e Event) bool { return e.Kind == Sync })}
}

// Before are the files that were there when the watch began.
func (d *Disk) Before() map[string][]byte { return d.before }

//export proofEvent
func proofEvent(kind C.int, name *C.char, data unsafe.Pointer, n C.int, at C.longlong) C.int {
	d := watching.Load()
	if d == nil {
		return 0
	}
	file := C.GoString(name)
	if !strings.HasPrefix(file, d.dir) {
		return 0
	}
	return C.int(d.event(Kind(kind), file, unsafe.Slice((*byte)(data), int(n)), int64(at)))
}

func (d *Disk) event(kind Kind, file string, data []byte, at int64) Code {
	d.mu.Lock()
	defer d.mu.Unlock()
	code := Fine
	if d.fault != nil {
		code = d.fault(kind, file)
	}
	if code == Short {
		data = data[:len(data)/2]
	}
	if (code == Fine || code == Short) && !d.quiet && kind != Lock && kind != Open {
		d.tape = append(d.tape, Event{Kind: kind, File: file, At: at, Data: slices.Clone(data)})
	}
	if code == Short && kind != Write {
		return NoSpace
	}
	return code
}
