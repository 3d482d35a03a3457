//go:build race

package app

// strain is how many times longer things may take: the race detector makes them several times slower.
const strain = 3
