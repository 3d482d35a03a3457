package app

import (
	"errors"
	"net"
	"strconv"
	"syscall"

	"hoox/backend/trading"
)

// hostOf is the host of an address to listen on. It fails with Invalid when the address is not host and port.
func hostOf(field, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", trading.FieldError(field, "%q is no address such as 127.0.0.1:8787", address)
	}
	return host, nil
}

// onThisComputer tells whether nobody else can reach a host.
func onThisComputer(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

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
