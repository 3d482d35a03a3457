package main

import "slices"

// guards are all mutants, in the order in which an alert meets their guards.
func guards() []mutant {
	return slices.Concat(atTheDoor(), atTheGate(), inTheLedger(), onTheWay(), onTheWire(), atBinance(), atBybit(), atMEXC(), inTheHouse())
}
