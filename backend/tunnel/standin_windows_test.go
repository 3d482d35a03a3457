package tunnel_test

// standIns are none: the tests with programs need signals.
var standIns = map[string]func() int{}
