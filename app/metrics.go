package app

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// scrapeBudget bounds one reading of all numbers.
const scrapeBudget = 5 * time.Second

// exposition is text in Prometheus' format, version 0.0.4.
type exposition struct{ strings.Builder }

// family begins one metric.
func (x *exposition) family(name, kind, help string) {
	fmt.Fprintf(x, "# HELP hoox_%s %s\n# TYPE hoox_%s %s\n", name, help, name, kind)
}

// number writes a sample without labels.
func (x *exposition) number(name, value string) { fmt.Fprintf(x, "hoox_%s %s\n", name, value) }

// labelled writes a sample with one label. Labels are words of ours and need no escaping.
func (x *exposition) labelled(name, label, word string, count int) {
	fmt.Fprintf(x, "hoox_%s{%s=%q} %d\n", name, label, word, count)
}

// metricsOf is GET /metrics: the numbers are read when they are asked for, so there is nothing to keep up to date in
// between. A number that cannot be read is left out.
func metricsOf(h *house) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		ctx, cancel := context.WithTimeout(h.base, scrapeBudget)
		defer cancel()
		var x exposition
		h.exposeTrades(ctx, &x)
		h.exposeHouse(ctx, &x)
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write([]byte(x.String())) // a scraper that is gone cannot be told
	})
}

func (h *house) exposeTrades(ctx context.Context, x *exposition) {
	now := h.now()
	page := trading.Page{Limit: largestPage, SinceTime: now.Add(-24 * time.Hour)}
	if list, _, err := h.book.Signals(ctx, page); err == nil {
		x.family("signals", "gauge", "Signals of the last 24 hours (the newest 500) by status.")
		count := map[trading.SignalStatus]int{}
		for _, s := range list {
			count[s.Status]++
		}
		for _, status := range trading.SignalStatuses() {
			x.labelled("signals", "status", string(status), count[status])
		}
	}
	if list, _, err := h.book.Orders(ctx, page); err == nil {
		x.family("orders", "gauge", "Orders of the last 24 hours (the newest 500) by status.")
		count := map[trading.OrderStatus]int{}
		for _, o := range list {
			count[o.Status]++
		}
		for _, status := range trading.OrderStatuses() {
			x.labelled("orders", "status", string(status), count[status])
		}
	}
	if days, err := h.money.Day(ctx, now.UTC().Truncate(24*time.Hour)); err == nil {
		x.family("fills_today", "gauge", "Fills since midnight UTC by account.")
		accounts := make([]string, 0, len(days))
		for account := range days {
			accounts = append(accounts, string(account))
		}
		sort.Strings(accounts)
		for _, account := range accounts {
			x.labelled("fills_today", "account", account, days[trading.AccountID(account)].Fills)
		}
	}
}

func (h *house) exposeHouse(ctx context.Context, x *exposition) {
	if waiting, dead, err := h.depth(ctx); err == nil {
		x.family("jobs", "gauge", "Durable work by state.")
		x.labelled("jobs", "state", "ready", waiting)
		x.labelled("jobs", "state", "dead", dead)
	}
	x.family("answer_seconds", "gauge", "How long the newest alert took to be admitted.")
	x.number("answer_seconds", seconds(h.pulse.LastAnswer()))
	x.family("ledger_flushes_total", "counter", "Commits that waited for the disk.")
	x.number("ledger_flushes_total", strconv.FormatUint(h.pulse.Flushes(), 10))
	x.family("trading_state", "gauge", "1 for the trading state in force.")
	for _, state := range []risk.State{risk.Active, risk.Reducing, risk.Halted} {
		in := 0
		if h.kill.Standing().State == state {
			in = 1
		}
		x.labelled("trading_state", "state", string(state), in)
	}
	x.family("goroutines", "gauge", "Goroutines of the program.")
	x.number("goroutines", strconv.Itoa(runtime.NumGoroutine()))
	x.family("info", "gauge", "1, with the version of the program.")
	x.labelled("info", "version", h.version, 1)
}

// seconds is a duration as a decimal number of seconds.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%d.%06d", d/time.Second, (d % time.Second).Microseconds())
}
