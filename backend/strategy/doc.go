// Package strategy is what a trader wrote down about the alerts of one strategy: on which accounts they run, under which
// symbols, how large, with which caps and protections, and what a second entry means.
//
// It owns the words (their strict reading, their bounds) and one pure function that turns an alert into courses, one for
// each account. It knows no market, no book and no storage: admission resolves and plans each course, risk judges it, and
// sqlite keeps what was written.
package strategy
