package app

import (
	"errors"
	"net"
	"syscall"
)

// refusedToConnect tells whether no connection came about at all, so that nothing can have arrived.
func refusedToConnect(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// portInUse tells whether a listener failed because somebody else has the port.
func portInUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, addressInUseOnWindows)
}

// addressInUseOnWindows is WSAEADDRINUSE, which package syscall has no name for; no other system has an error with this number.
const addressInUseOnWindows = syscall.Errno(10048)
