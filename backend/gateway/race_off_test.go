//go:build !race

package gateway_test

// strain is how many times longer things may take.
const strain = 1
