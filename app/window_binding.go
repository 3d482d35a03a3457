//go:build bindings

package app

// generating is true in the build that only writes down what may be called: it opens no folder, port or window.
const generating = true
