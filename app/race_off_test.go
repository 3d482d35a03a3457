//go:build !race

package app

// strain is how many times longer things may take.
const strain = 1
