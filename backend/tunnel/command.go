package tunnel

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"hoox/backend/trading"
)

// command runs any program that leads a public address to a local one.
type command struct{ config Config }

func (c *command) serve(ctx context.Context, a *attempt) error {
	path, err := exec.LookPath(c.config.Argv[0])
	if err != nil || !filepath.IsAbs(path) {
		return refused(trading.NotFound, "give the whole path of the program, or put it on the PATH", "there is no program %s", c.config.Argv[0])
	}
	env := a.r.environment(a.r.home())
	if c.config.TokenEnv != "" {
		token, ok, err := a.r.secret(SecretCommand)
		if err != nil {
			return err
		}
		if !ok {
			return refused(trading.NotFound, "set the secret "+SecretCommand+", or clear token_env", "no token is set for the command")
		}
		env = append(env, c.config.TokenEnv+"="+token)
	}
	var pattern *regexp.Regexp
	if c.config.Pattern != "" {
		pattern = regexp.MustCompile(c.config.Pattern) // checked, like all of the configuration
	}
	g, err := a.open(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer g.shut()
	a.describe("", path, "")
	if pattern == nil {
		a.ready(c.config.Hostname)
	}
	return a.spawn(ctx, binary{path: path}, fill(c.config.Argv[1:], g), env, func(line string) {
		if public, ok := findAddress(pattern, line); ok {
			a.ready(public)
		}
	})
}

// fill writes where the gateway is found into the arguments.
func fill(argv []string, g *gate) []string {
	addr := strings.TrimPrefix(strings.TrimPrefix(g.origin, "http://"), "unix:")
	port := addr[strings.LastIndexByte(addr, ':')+1:]
	names := strings.NewReplacer("{origin}", g.origin, "{addr}", addr, "{port}", port)
	out := make([]string, len(argv))
	for i, arg := range argv {
		out[i] = names.Replace(arg)
	}
	return out
}

// findAddress finds a public address in a line: the pattern's first group, or all that it matches.
func findAddress(pattern *regexp.Regexp, line string) (string, bool) {
	if pattern == nil {
		return "", false
	}
	found := pattern.FindStringSubmatch(line)
	if found == nil {
		return "", false
	}
	public, err := publicOrigin(strings.TrimRight(found[min(1, len(found)-1)], "/"))
	return public, err == nil && public != ""
}
