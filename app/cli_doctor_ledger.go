package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"hoox/backend/node"
	"hoox/backend/settings"
	"hoox/backend/sqlite"
)

// ledgerFindings is what the ledger of a folder tells that no instance has: whether it is whole, whether the clock has gone back
// since, and the public name that was chosen in it.
func ledgerFindings(sh *shell, c node.Config, names lookup) []finding {
	restore := "restore the newest file of " + c.DataDir + "/backups as core.db"
	if _, err := os.Stat(ledgerPath(c.DataDir)); err != nil {
		return append([]finding{{Name: "ledger", OK: true, Detail: "made at the first start"}}, publicName(sh, c.Tunnel.Hostname, names)...)
	}
	db, _, done, err := sh.ledger()
	if err != nil {
		return []finding{{"ledger", false, err.Error(), restore}}
	}
	defer done()
	answer, err := verify(sh.ctx, db)
	if err != nil {
		return []finding{{"ledger", false, err.Error(), "run `hoox verify`"}}
	}
	for _, item := range answer.Items {
		if !item.OK {
			return []finding{{"ledger", false, item.Name + ": " + item.Detail, restore}}
		}
	}
	list := []finding{{Name: "ledger", OK: true, Detail: fmt.Sprintf("%d checks passed", len(answer.Items))}}
	seen, err := db.HighWater(sh.ctx)
	if err != nil {
		return append(list, finding{"clock", false, err.Error(), "run `hoox verify`"})
	}
	host, err := storedHostname(sh.ctx, db, c)
	if err != nil {
		return append(list, finding{"public name", false, err.Error(), "run `hoox verify`"})
	}
	return append(append(list, wallFinding(sh.now(), seen)), publicName(sh, host, names)...)
}

// wallFinding holds the clock of this computer against the latest time that the ledger has seen.
func wallFinding(now, seen time.Time) finding {
	if by := node.ClockBehind(now, seen); by > 0 {
		return finding{"clock", false, fmt.Sprintf("it shows %s UTC, %s before what the ledger has seen: entries would wait until it has caught up", now.UTC().Format(time.DateTime), by.Round(time.Second)),
			"switch on automatic time on this computer"}
	}
	return finding{Name: "clock", OK: true, Detail: "not before what the ledger has seen; exchanges are asked for theirs while hoox runs"}
}

// storedHostname is the public name that the settings choose over the configuration, "" for none.
func storedHostname(ctx context.Context, db *sqlite.DB, c node.Config) (string, error) {
	stored, err := db.Settings(ctx)
	if err != nil {
		return "", err
	}
	values := make(map[string]string, len(stored))
	for key, s := range stored {
		values[key] = s.Value
	}
	live := settings.NewLive()
	live.Load(values) // one that is no longer allowed keeps its default, as at a start
	return c.TunnelWith(live.Now()).Hostname, nil
}

// publicName is the finding on the public name, none where there is no such name.
func publicName(sh *shell, host string, names lookup) []finding {
	if host == "" {
		return nil
	}
	return []finding{nameFinding(sh.ctx, host, names)}
}
