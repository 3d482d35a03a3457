package app

// noCoreDumps has nothing to do: Windows writes none of a program that does not ask for it.
func noCoreDumps() error { return nil }
