//go:build unix

package tunnel

import (
	"os"
	"syscall"
)

// group is a child with everything that it starts.
type group struct{ id int }

// hold takes charge of a child that leash made the leader of a group.
func hold(p *os.Process) (group, error) { return group{p.Pid}, nil }

func (g group) terminate() { _ = syscall.Kill(-g.id, syscall.SIGTERM) }
func (g group) kill()      { _ = syscall.Kill(-g.id, syscall.SIGKILL) }
func (g group) release()   {}

// alive tells whether any process of the group is there.
func (g group) alive() bool { return syscall.Kill(-g.id, 0) == nil }
