// Package disk is what every room needs of a disk: to write a file whole or not at all, and to know how much room is
// left. It knows no file of ours.
package disk
