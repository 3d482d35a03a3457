package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"hoox/backend/audit"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

type auditCommand struct {
	List   auditListCommand   `cmd:"" default:"withargs" help:"List who did what, newest first (also what plain hoox audit does)."`
	Export auditExportCommand `cmd:"" help:"Write the audit into a file, oldest first, with the hashes that chain it."`
}

// auditFlags are shared by the two.
type auditFlags struct {
	Actor    string `help:"Only of who begins like this: window, cli, browser, token, automatic." placeholder:"WHO"`
	Action   string `help:"Only this act, such as setting.set." placeholder:"ACT"`
	Decision string `help:"Only what was done, refused or failed." placeholder:"OUTCOME"`
	From     string `help:"Only from this time or day on, in UTC." placeholder:"TIME"`
	To       string `help:"Only before this time or day, in UTC." placeholder:"TIME"`
}

func (f auditFlags) filter() AuditFilter {
	return AuditFilter(f)
}

type auditListCommand struct {
	auditFlags
	Limit  int    `help:"How many lines, 1 to 500." default:"20"`
	Cursor string `help:"Continue after this place (the \"next\" of --json)." placeholder:"PLACE"`
}

func (c *auditListCommand) Run(sh *shell) error {
	page, err := ask[AuditPage](sh, "Audit/List", ListAudit{AuditFilter: c.filter(), Limit: c.Limit, Cursor: c.Cursor})
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("line>", "at (utc)", "who", "from", "did", "to", "outcome", "before", "after", "detail")
		for _, r := range page.Items {
			t.add(fmt.Sprint(r.Line), local(r.At), r.Actor, r.Origin, r.Action, r.Subject, r.Decision, r.Before, r.After, r.Detail)
		}
		printList(w, t, "nothing of the kind")
	})
}

type auditExportCommand struct {
	auditFlags
	Out    string `short:"o" required:"" help:"The file to write; it must not be there yet." placeholder:"FILE"`
	Format string `enum:"csv,jsonl" default:"csv" help:"csv, or jsonl: one JSON object a line."`
}

// auditExported is the machine output of an export.
type auditExported struct {
	File  string `json:"file"`
	Lines int    `json:"lines"`
}

func (c *auditExportCommand) Run(sh *shell) error {
	line, err := sh.connect()
	if err != nil {
		return err
	}
	lines := 0
	err = writeNew(c.Out, func(file io.Writer) (err error) {
		lines, err = c.pieces(sh.ctx, line, file)
		return err
	})
	if err != nil {
		return err
	}
	return sh.show(auditExported{c.Out, lines}, func(w io.Writer) { fmt.Fprintf(w, "%s: %s\n", c.Out, plural(lines, "line")) })
}

// pieces writes the file piece by piece, so that it may be as long as it likes.
func (c *auditExportCommand) pieces(ctx context.Context, line *client, file io.Writer) (int, error) {
	request, lines := ExportAudit{AuditFilter: c.filter(), Format: c.Format}, 0
	for {
		var piece AuditExport
		if err := line.call(ctx, "Audit/Export", request, &piece); err != nil {
			return lines, err
		}
		if _, err := io.WriteString(file, piece.Text); err != nil {
			return lines, err
		}
		lines += piece.Lines
		if request.After = piece.Next; request.After == 0 {
			return lines, nil
		}
	}
}

// noted has a line of the audit written about what a command did to the data folder itself: by the running instance, which
// alone writes its ledger, else into the ledger that nobody has open. Before the first start there is none, and nothing to
// note. What could not be noted is told, and undoes nothing.
func (sh *shell) noted(dir string, action audit.Action, subject string, did error) {
	decision, detail := audit.Done, ""
	if did != nil {
		decision, detail = decisionOf(did), faultOf(did, "").Message
	}
	sh.tellNoted(sh.note(dir, noted{Action: string(action), Subject: subject, Decision: string(decision), Detail: detail}))
}

// tellNoted tells a gap in the audit, to a machine in the form of a fault.
func (sh *shell) tellNoted(err error) {
	switch {
	case err == nil:
	case sh.json:
		_ = json.NewEncoder(sh.stderr).Encode(Fault{Kind: faultOf(err, "").Kind, Message: "this could not be written into the audit: " + err.Error()})
	default:
		fmt.Fprintf(sh.stderr, "This could not be written into the audit: %v\n", err)
	}
}

// notebook writes the audit of a service that runs in a command itself, the way noted does.
type notebook struct {
	auditor // nothing but Audit is asked of it
	sh      *shell
	dir     string
}

// Audit writes a line; that it could not is told where the command tells everything.
func (b notebook) Audit(_ context.Context, e audit.Entry) error {
	b.sh.tellNoted(b.sh.note(b.dir, noted{
		Action: string(e.Action), Subject: e.Subject, Decision: string(e.Decision), Before: e.Before, After: e.After, Detail: e.Detail,
	}))
	return nil
}

func (sh *shell) note(dir string, n noted) error {
	file := ledgerPath(dir)
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	lock := flock.New(lockPath(dir))
	taken, err := lock.TryLock()
	if err != nil {
		return err
	}
	if !taken {
		line, err := connect(dir)
		if err != nil {
			return trading.Errorf(trading.Unavailable, "hoox is starting or stopping on %s", dir)
		}
		return line.post(sh.ctx, "/note", n, &Receipt{})
	}
	defer func() { _ = lock.Unlock() }() // closing the file lets go of it in any case
	db, err := sqlite.Open(sh.ctx, file, sqlite.Options{Now: sh.now, BackupDir: filepath.Join(dir, "backups"), Alone: true})
	if err != nil {
		return err
	}
	e := n.entry(new(redactor).clean)
	e.At, e.Actor, e.Origin = sh.now(), "cli", thisComputer
	err = db.Audit(sh.ctx, e)
	if closing := db.Close(); err == nil {
		err = closing
	}
	return err
}
