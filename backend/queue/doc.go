// Package queue runs durable work: jobs that another transaction wrote, each lane in order, with a retry policy, until
// their deadline.
//
// It owns leasing (in memory: one process has the ledger, so a dead process leaves no lease behind), pacing and dead
// letters. It does not know what a job means.
package queue
