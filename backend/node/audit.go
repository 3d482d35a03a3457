package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/pelletier/go-toml/v2"

	"hoox/backend/alarm"
	"hoox/backend/audit"
)

const (
	// checkedLines is how many of the newest lines of the audit are checked at the start; `hoox verify` checks all.
	checkedLines = 1000
	// foldLook is how often refusals that were counted are looked at.
	foldLook = time.Second
	// foldBudget bounds one line about refusals.
	foldBudget = 2 * time.Second
)

// Refused writes down that somebody was turned away. It never waits: a flood of refusals becomes few lines, which are written
// beside whatever refused.
func (n *Node) Refused(e audit.Entry) {
	e.At, e.Decision = n.Now(), audit.Refused
	n.refusals.Add(e)
	nudge(n.refused)
}

// refusedAlert is Refused for the gateway.
func (n *Node) refusedAlert(knownKey bool, client netip.Addr) {
	e := audit.Entry{Actor: "stranger", Origin: client.String(), Action: audit.RefuseAlert, Subject: "wrong key", Detail: "from " + client.String()}
	if knownKey {
		e.Actor, e.Subject = "holder of a webhook key", "address not allowed"
	}
	n.Refused(e)
}

// clerk is the service that writes down who was turned away.
type clerk struct{ n *Node }

func (c clerk) String() string { return "audit" }

// Serve writes until ctx ends, and then what is left.
func (c clerk) Serve(ctx context.Context) error {
	look := time.NewTicker(foldLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			c.write(context.WithoutCancel(ctx), c.n.refusals.Rest())
			return ctx.Err()
		case <-c.n.refused:
		case <-look.C:
		}
		c.write(ctx, c.n.refusals.Due(c.n.Now()))
	}
}

func (c clerk) write(ctx context.Context, lines []audit.Entry) {
	for _, e := range lines {
		within, cancel := context.WithTimeout(ctx, foldBudget)
		if err := c.n.Store.Audit(within, e); err != nil {
			c.n.Log.Error("write down who was turned away", "action", e.Action, "subject", e.Subject, "detail", e.Detail, "error", err)
		}
		cancel()
	}
}

// checkAudit looks at the newest lines at the start. A broken chain alarms; it does not keep closes from going.
func (n *Node) checkAudit(ctx context.Context) error {
	found, err := n.Store.CheckAudit(ctx, checkedLines)
	if err != nil || found.Wrong == "" {
		return err
	}
	n.AuditBroken(found.Wrong)
	return nil
}

// AuditBroken alarms that a line of the audit is not what it was.
func (n *Node) AuditBroken(wrong string) {
	n.Alarm(alarm.Audit, "chain", wrong+": somebody changed the ledger's file, or it was damaged",
		"run hoox verify, compare with the newest backup, and find out who can write to the data folder")
}

// Digest is a sum over everything the configuration says, to tell one start from another.
func (c Config) Digest() (string, error) {
	text, err := toml.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("sum up the configuration: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
