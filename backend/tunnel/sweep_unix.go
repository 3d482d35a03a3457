//go:build unix

package tunnel

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"hoox/backend/disk"
	"hoox/backend/wire"
)

// child is a program that runs for us.
type child struct {
	PID  int    `json:"pid"`
	Born string `json:"born"`
}

// note writes down which child runs. Without the note all that is lost is finding it after we were killed.
func note(file string, pid int) {
	when, err := born(pid)
	if err != nil {
		return // it has ended already
	}
	if data, err := json.Marshal(child{pid, when}); err == nil {
		_ = disk.WriteWhole(file, data)
	}
}

func erase(file string) { _ = os.Remove(file) }

// sweep ends the child that a run of ours left behind when it was killed. A process that merely got the same number is
// left alone.
func sweep(ctx context.Context, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil // nothing was left behind
	}
	defer erase(file)
	var c child
	if json.Unmarshal(data, &c) != nil || c.PID <= 1 {
		return nil
	}
	if when, err := born(c.PID); err != nil || when != c.Born {
		return nil
	}
	g := group{c.PID}
	g.kill()
	// Where nobody collects the dead, one stays listed for good; it harms nobody.
	for range 100 {
		if !g.alive() {
			break
		}
		if err := wire.Pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
