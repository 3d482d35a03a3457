//go:build unix

package gateway

import (
	"net"
	"syscall"
)

// unread tells whether words of the client are here that the server has not taken yet: on a computer that is busy they may
// wait longer than anybody's patience.
func unread(c net.Conn) bool {
	conn, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	some := false
	// Not raw.Read, which would wait for the server's own reading to end.
	_ = raw.Control(func(fd uintptr) {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		some = err == nil && n > 0
	})
	return some
}
