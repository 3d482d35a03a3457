package tunnel

import (
	"context"
	"crypto/x509"
	"net"
	"path/filepath"
	"time"
)

// Hurry has everything that waits wait for a short time, so that tests with real programs end soon.
func (r *Runner) Hurry() {
	r.pace = pace{
		least: 10 * time.Millisecond, most: 50 * time.Millisecond, stable: time.Minute, look: 5 * time.Millisecond,
		connect: 30 * time.Second, patience: 30 * time.Second, probe: 50 * time.Millisecond, again: 10 * time.Millisecond,
		settle: 30 * time.Millisecond, grace: 20 * time.Second, first: 30 * time.Second,
		ready: 10 * time.Millisecond, poll: 20 * time.Millisecond, end: 5 * time.Second, alive: 20 * time.Millisecond, dead: 5 * time.Second,
	}
}

// Facts are what is known of the tunnel before it runs.
func (r *Runner) Facts() Facts { return r.facts }

// SetEnd says how long a program may take to end.
func (r *Runner) SetEnd(d time.Duration) { r.pace.end = d }

// SetAlive says how often a server is asked for a sign of life.
func (r *Runner) SetAlive(d time.Duration) { r.pace.alive = d }

// SetDead says how long a server may take to give a sign of life.
func (r *Runner) SetDead(d time.Duration) { r.pace.dead = d }

// Attempt lets tests stand in for a kind of tunnel.
type Attempt struct{ a *attempt }

func (a Attempt) Ready(public string)                           { a.a.ready(public) }
func (a Attempt) Lost(why string)                               { a.a.lost("look", "%s", why) }
func (a Attempt) Found()                                        { a.a.found() }
func (a Attempt) Take(ctx context.Context, c net.Conn)          { a.a.take(ctx, c) }
func (f wayFunc) serve(ctx context.Context, a *attempt) error   { return f(ctx, Attempt{a}) }
func (r *Runner) SetWay(f func(context.Context, Attempt) error) { r.way = wayFunc(f) }

type wayFunc func(context.Context, Attempt) error

// SetRoots says who may vouch for ngrok's server.
func (r *Runner) SetRoots(roots *x509.CertPool) { r.way.(*ngrokWay).roots = roots }

// Refuse makes a fault that stays until a person does something.
func Refuse(text string) error { return refused("refused", "do something", "%s", text) }

var (
	FunnelAddress  = funnelAddress
	InstallHintFor = installHintFor
	PublicOrigin   = publicOrigin
	NgrokPolicy    = ngrokPolicy
	HeaderOwn      = headerOwn
	MaxBridges     = maxBridges
)

// ChildFile is where the child of a data folder is noted.
func ChildFile(dir string) string { return filepath.Join(dir, "tunnel", "child.json") }

// Tail is what is kept of a program's output.
type Tail struct {
	t tail
	w *lineWriter
}

func NewTail() *Tail {
	t := &Tail{}
	t.w = &lineWriter{sink: func(line string) { t.t.add(line) }}
	return t
}

func (t *Tail) Hide(secret string) { t.t.hide(secret) }
func (t *Tail) Write(text string)  { _, _ = t.w.Write([]byte(text)) }
func (t *Tail) Flush()             { t.w.flush() }
func (t *Tail) Lines() []string    { return t.t.lines() }
