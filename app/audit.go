package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Audit is who did what, from where, and what came of it.
type Audit struct{ in *house }

// List is one page of lines, newest first. It fails with Invalid for a limit, a cursor, an act, a decision or a
// time that is none.
func (s *Audit) List(req ListAudit) (AuditPage, error) {
	return answer(s.in, "list the audit", func(ctx context.Context) (AuditPage, error) {
		page, err := auditPage(req.AuditFilter, req.Limit)
		if err != nil {
			return AuditPage{}, err
		}
		page.Cursor = req.Cursor
		list, next, err := s.in.auditor.AuditLines(ctx, page)
		return AuditPage{Items: each(list, auditRow), Next: next}, err
	})
}

// Get is one line. It fails with NotFound.
func (s *Audit) Get(req AuditLine) (AuditRow, error) {
	return answer(s.in, "read the audit", func(ctx context.Context) (AuditRow, error) {
		e, err := s.in.auditor.AuditLine(ctx, req.Line)
		return auditRow(e), err
	})
}

// Verify walks the whole chain and tells the first line that does not fit. A line that does not alarms.
func (s *Audit) Verify(_ Empty) (AuditCheck, error) {
	return answer(s.in, "check the audit", func(ctx context.Context) (AuditCheck, error) {
		found, err := s.in.auditor.CheckAudit(ctx, 0)
		if err == nil && found.Wrong != "" {
			s.in.auditBroken(found.Wrong)
		}
		return AuditCheck{OK: found.Wrong == "", Detail: found.Wrong, Line: found.Line, Lines: found.Lines, Since: when(found.Since)}, err
	})
}

// Export is the next piece of the audit as a text, oldest line first: call it with the Next of the piece before until that is 0.
// The pieces put together are one file of CSV or of JSON, one line each, with the hashes that chain them.
func (s *Audit) Export(req ExportAudit) (AuditExport, error) {
	return answer(s.in, "export the audit", func(ctx context.Context) (AuditExport, error) {
		page, err := auditPage(req.AuditFilter, largestPage)
		if err != nil {
			return AuditExport{}, err
		}
		write := writeAuditCSV
		switch req.Format {
		case "csv":
		case "jsonl":
			write = writeAuditJSON
		default:
			return AuditExport{}, trading.FieldError("format", "%q is not csv or jsonl", req.Format)
		}
		list, err := s.in.auditor.AuditAfter(ctx, req.After, page)
		if err != nil {
			return AuditExport{}, err
		}
		text, err := write(list, req.After == 0)
		out := AuditExport{Text: text, Lines: len(list)}
		if len(list) == page.Limit {
			out.Next = list[len(list)-1].Seq
		}
		return out, err
	})
}

// auditPage reads a filter.
func auditPage(f AuditFilter, limit int) (audit.Page, error) {
	limit, err := limitOf(limit)
	page := audit.Page{Limit: limit, Actor: f.Actor, Action: audit.Action(f.Action), Decision: audit.Decision(f.Decision)}
	if err == nil && f.Action != "" && !page.Action.Known() {
		err = trading.FieldError("action", "there is no act %q", f.Action)
	}
	if err == nil && f.Decision != "" && !page.Decision.Known() {
		err = trading.FieldError("decision", "%q is not done, refused or failed", f.Decision)
	}
	if err == nil {
		page.From, err = momentOf("from", f.From)
	}
	if err == nil {
		page.To, err = momentOf("to", f.To)
	}
	return page, err
}

// momentOf reads a time or a day in UTC; "" is none.
func momentOf(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, trading.FieldError(field, "%q is no time such as 2026-11-22T01:02:03Z and no day such as 2026-11-22", text)
}

func auditRow(e audit.Entry) AuditRow {
	return AuditRow{
		Line: e.Seq, At: when(e.At), Actor: e.Actor, Origin: e.Origin, Action: string(e.Action), Subject: e.Subject, Decision: string(e.Decision),
		Before: e.Before, After: e.After, Detail: e.Detail, PrevHash: hex.EncodeToString(e.Prev), Hash: hex.EncodeToString(e.Hash),
	}
}

func writeAuditJSON(list []audit.Entry, _ bool) (string, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, e := range list {
		if err := encoder.Encode(auditRow(e)); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func writeAuditCSV(list []audit.Entry, head bool) (string, error) {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if head {
		if err := w.Write([]string{"line", "at", "actor", "origin", "action", "subject", "decision", "before", "after", "detail", "prevHash", "hash"}); err != nil {
			return "", err
		}
	}
	for _, e := range list {
		r := auditRow(e)
		cells := []string{strconv.FormatInt(r.Line, 10), r.At, r.Actor, r.Origin, r.Action, r.Subject, r.Decision, r.Before, r.After, r.Detail, r.PrevHash, r.Hash}
		for i, cell := range cells {
			cells[i] = inert(cell)
		}
		if err := w.Write(cells); err != nil {
			return "", err
		}
	}
	w.Flush()
	return b.String(), w.Error()
}

// inert is a cell that no spreadsheet takes for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
