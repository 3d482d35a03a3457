//go:build proof

package proof

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Mode is what a power cut does to what was not synced.
type Mode int

// The modes: all of it is lost, each file keeps its first writes, each keeps any of them, and the same with the last write torn
// between sectors.
const (
	Dropped Mode = iota
	Prefix
	Subset
	Torn
	Modes
)

func (m Mode) String() string { return [...]string{"dropped", "prefix", "subset", "torn", ""}[m] }

// content is a file as it is on disk for good, with what was done since and not synced.
type content struct {
	safe    []byte
	pending []Event
	gone    bool
}

// Image is what is found after the power went off behind the first cut events: the bytes of each file.
func (d *Disk) Image(cut int, mode Mode, random *rand.Rand) map[string][]byte {
	files := map[string]*content{}
	for name, data := range d.before {
		files[name] = &content{safe: slices.Clone(data)}
	}
	d.mu.Lock()
	tape := d.tape[:cut]
	d.mu.Unlock()
	var names []string
	for _, e := range tape {
		f, known := files[e.File]
		if !known || f.gone && e.Kind != Delete {
			f = &content{}
			files[e.File] = f
		}
		switch e.Kind {
		case Write, Truncate:
			f.pending = append(f.pending, e)
		case Sync:
			for _, p := range f.pending {
				f.apply(p)
			}
			f.pending = nil
			// A journaling file system commits what was done to names before it.
			maps.DeleteFunc(files, func(_ string, f *content) bool { return f.gone })
		case Delete:
			if e.At != 0 {
				delete(files, e.File)
			} else {
				f.gone = true
			}
		case Open, Lock:
		}
	}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	image := map[string][]byte{}
	for _, name := range names {
		f := files[name]
		if f.gone && (mode == Prefix || random.IntN(2) == 0) {
			continue
		}
		f.cut(mode, random)
		image[name] = f.safe
	}
	return image
}

// apply does to the safe bytes what the engine did to the file.
func (f *content) apply(e Event) {
	if e.Kind == Truncate {
		f.safe = f.sized(int(e.At))
		return
	}
	if end := int(e.At) + len(e.Data); end > len(f.safe) {
		f.safe = f.sized(end)
	}
	copy(f.safe[e.At:], e.Data)
}

func (f *content) sized(n int) []byte {
	if n <= len(f.safe) {
		return f.safe[:n]
	}
	return append(f.safe, bytes.Repeat([]byte{0}, n-len(f.safe))...)
}

// cut decides what of the pending is found.
func (f *content) cut(mode Mode, random *rand.Rand) {
	keep := f.pending
	switch mode {
	case Dropped, Modes:
		return
	case Prefix:
		keep = keep[:random.IntN(len(keep)+1)]
	case Subset:
		keep = some(keep, random)
	case Torn:
		if random.IntN(2) == 0 {
			keep = some(keep, random)
		} else {
			keep = keep[:random.IntN(len(keep)+1)]
		}
	}
	for i, e := range keep {
		if mode == Torn && i == len(keep)-1 && e.Kind == Write {
			f.tear(e, random)
			continue
		}
		f.apply(e)
	}
}

func some(list []Event, random *rand.Rand) []Event {
	var out []Event
	for _, e := range list {
		if random.IntN(2) == 0 {
			out = append(out, e)
		}
	}
	return out
}

// tear writes only some of the sectors that a write touches.
func (f *content) tear(e Event, random *rand.Rand) {
	for from := 0; from < len(e.Data); {
		to := min(len(e.Data), from+sector-int(e.At+int64(from))%sector)
		if random.IntN(2) == 0 {
			f.apply(Event{Kind: Write, At: e.At + int64(from), Data: e.Data[from:to]})
		}
		from = to
	}
}
