package tunnel

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"hoox/backend/trading"
)

// program is another program, run as a child: no shell, no environment but the given, a process group of its own, and
// it dies with this one.
type program struct {
	path string
	args []string
	env  []string
	// dir is the folder it starts in.
	dir string
	// out and err take what it prints.
	out, err io.Writer
	// record is where the child is noted while it runs, so that a later run of ours finds one that outlived us; "" for none.
	record string
	// end is how long it may take to end once it was asked to.
	end time.Duration
}

// run starts the program and waits until it and its group have ended. When ctx ends they are asked to end, and killed
// when they take too long. The error is never nil: a program of ours is not meant to end by itself.
func (p program) run(ctx context.Context) error {
	if p.record != "" {
		if err := sweep(ctx, p.record); err != nil {
			return err
		}
	}
	cmd := exec.Command(p.path, p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, p.out, p.err
	cmd.Dir = p.dir
	// A grandchild that keeps the output open must not keep us.
	cmd.WaitDelay = time.Second
	leash(cmd)
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// Linux ends the child when the thread that started it ends, so this one stays until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return refused(trading.Unavailable, "check that the program can be run", "start %s: %v", filepath.Base(p.path), err)
	}
	g, err := hold(cmd.Process)
	if err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return failed("", "hold %s: %v", filepath.Base(p.path), err)
	}
	defer g.release()
	if p.record != "" {
		note(p.record, cmd.Process.Pid)
		defer erase(p.record)
	}
	select {
	case err := <-ended:
		g.kill() // what it started must not outlive it
		return p.exit(err)
	case <-ctx.Done():
	}
	g.terminate()
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.end)
	defer cancel()
	select {
	case <-ended:
	case <-patience.Done():
		g.kill()
		<-ended
	}
	g.kill()
	return context.Cause(ctx)
}

func (p program) exit(err error) error {
	name := filepath.Base(p.path)
	var code *exec.ExitError
	switch {
	case err == nil:
		return &fault{err: trading.Errorf(trading.Unavailable, "%s ended by itself", name), clean: true}
	case errors.As(err, &code):
		return failed("", "%s ended: %s", name, code.ProcessState)
	}
	return failed("", "%s ended: %v", name, err)
}

// capture runs a program that answers and ends, and returns what it printed.
func (r *Runner) capture(ctx context.Context, b binary, env []string, args ...string) (string, error) {
	if err := b.unchanged(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*r.pace.end)
	defer cancel()
	text := &capped{most: 1 << 20}
	said := &lineWriter{sink: func(line string) { r.output.add(line) }}
	err := program{path: b.path, args: args, env: env, dir: r.dir, out: text, err: said, end: r.pace.end}.run(ctx)
	said.flush()
	if ctx.Err() != nil {
		return "", failed("", "%s gave no answer", filepath.Base(b.path))
	}
	if f := faultOf(err); f.clean {
		return string(text.text), nil
	}
	return "", err
}

// capped keeps the beginning of what is written.
type capped struct {
	most int
	text []byte
}

func (c *capped) Write(p []byte) (int, error) {
	c.text = append(c.text, p[:min(len(p), c.most-len(c.text))]...)
	return len(p), nil
}

// spawn runs a tunnel's program. What it prints is kept, and its last words are added to why it ended.
func (a *attempt) spawn(ctx context.Context, b binary, args, env []string, heard func(line string)) error {
	if err := b.unchanged(); err != nil {
		return err
	}
	r := a.r
	r.output.begin()
	said := &lineWriter{sink: func(line string) { heard(r.output.add(line)) }}
	err := program{
		path: b.path, args: args, env: env, dir: r.dir, out: said, err: said, record: filepath.Join(r.dir, "child.json"), end: r.pace.end,
	}.run(ctx)
	said.flush()
	f := faultOf(err)
	if last := r.output.last(); last != "" && ctx.Err() == nil {
		f.err = trading.Errorf(trading.KindOf(err), "%v; its last words: %s", err, last)
	}
	return &f
}
