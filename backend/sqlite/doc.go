// Package sqlite is the ledger on disk: all SQL of the core file, its migrations, its one writer, its backups and its
// self-check. One exported write method is one transaction is one business fact.
//
// It owns what is stored, in what order, and that an answer is given only after the disk has it. It decides nothing: the
// gate is called inside the transaction (see Admit, BeginSubmit) but lives in risk, the arithmetic of fills lives in
// ledger, the life of an order in trading. What is said by messenger lives in a second file (Chats), with one transaction for
// each fact too: it cannot slow or fill the file that orders go through, and may be lost without losing money.
//
// Two chains stand in it: the journal, which is what happened to signals and orders, and the audit, which is what people did and
// what happened by itself to settings and switches. A fact that must not be missed raises its alarm in its own transaction.
//
// How it works: one connection writes. A single goroutine takes every unit of work that waits and runs them all in one
// immediate transaction, so that many callers share one flush; it never sleeps to collect. The writer keeps the open part
// of each account (open positions, orders that are not final, balances, recent entries) in memory, because it is the only
// one who changes them; a rollback throws that memory away and it is read again. Readers are a pool of their own and
// read only.
package sqlite
