package tunnel

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"hoox/backend/disk"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// cloudflared runs Cloudflare's program: with a token the tunnel of a person's account, else a quick one.
type cloudflared struct{ config Config }

func (c *cloudflared) serve(ctx context.Context, a *attempt) error {
	bin, err := a.r.find(ctx, "cloudflared")
	if err != nil {
		return err
	}
	a.describe(bin.version, bin.path, bin.hash)
	env, err := c.environment(a.r)
	if err != nil {
		return err
	}
	where := "127.0.0.1:0"
	if !c.config.quick() {
		where = a.r.fixedListen()
	}
	g, err := a.open(ctx, where)
	if err != nil {
		return err
	}
	defer g.shut()
	metrics, err := freeAddress(ctx)
	if err != nil {
		return failed("", "find a free port: %v", err)
	}
	file, err := c.writeConfig(a.r, g.origin)
	if err != nil {
		return err
	}
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error { return a.spawn(ctx, bin, c.args(file, metrics, g.origin), env, func(string) {}) })
	work.Go(func() error { return c.watch(ctx, a, "http://"+metrics, g.origin) })
	return work.Wait()
}

// environment holds the token, which must not stand among the arguments for every user of this computer to read.
func (c *cloudflared) environment(r *Runner) ([]string, error) {
	token, ok, err := r.secret(SecretCloudflared)
	if err != nil {
		return nil, err
	}
	switch {
	case c.config.quick() && ok:
		return nil, refused(trading.Invalid, "set [tunnel] hostname, or delete the secret "+SecretCloudflared+" for a quick tunnel",
			"a token is set, but not the public hostname of its tunnel")
	case c.config.quick():
		return r.environment(r.dir), nil
	case !ok:
		return nil, refused(trading.NotFound, "make a tunnel in Cloudflare's dashboard and set its token as secret "+SecretCloudflared, "no token is set for %s", c.config.Hostname)
	}
	return r.environment(r.dir, "TUNNEL_TOKEN="+strings.TrimSpace(token)), nil
}

// writeConfig makes the only configuration file that the program reads, so that none of the person's own adds to what is
// exposed. What it leads where counts for tunnels that are set up on this side; those that are set up in the dashboard get
// theirs from there, and a quick one from its arguments: see onlyHere.
func (c *cloudflared) writeConfig(r *Runner, origin string) (string, error) {
	settings := map[string]any{"no-autoupdate": true}
	if !c.config.quick() {
		settings["ingress"] = []map[string]string{{"service": origin}}
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return "", trading.Wrap(trading.Internal, err, "write the configuration of cloudflared")
	}
	// JSON is YAML.
	file := filepath.Join(r.dir, "cloudflared.yml")
	if err := disk.WriteWhole(file, append(text, '\n')); err != nil {
		return "", failed("free disk space", "%v", err)
	}
	return file, nil
}

func (c *cloudflared) args(file, metrics, origin string) []string {
	args := []string{"tunnel", "--config", file, "--no-autoupdate", "--metrics", metrics, "--grace-period", "3s"}
	if c.config.quick() {
		return append(args, "--url", origin)
	}
	return append(args, "run")
}

// freeAddress finds a port for the program's own page. Another program could take it before; then cloudflared does not
// start and the next try finds another.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// pageTime bounds one question to the program's own page.
const pageTime = 2 * time.Second

// watch asks the program whether it is connected, at which address, and what it leads to.
func (c *cloudflared) watch(ctx context.Context, a *attempt, page, origin string) error {
	client, err := wire.NewClient(wire.ClientConfig{Origin: page, Deadline: pageTime})
	if err != nil {
		return trading.Wrap(trading.Internal, err, "watch cloudflared")
	}
	defer client.Close()
	// It takes a moment to start; later one question may get lost while it is busy.
	pause, misses, bear := a.r.pace.ready, 0, 10
	for {
		if wire.Pause(ctx, pause) != nil {
			return context.Cause(ctx)
		}
		public, err := c.look(ctx, client, origin)
		if err == nil {
			pause, misses, bear = a.r.pace.poll, 0, 2
			a.ready(public)
			continue
		}
		why := faultOf(err)
		if why.patient {
			return err
		}
		pause = a.r.pace.ready
		if misses++; misses >= bear {
			a.lost(why.fix, "%s", err.Error())
		}
	}
}

// look is one look at the program: the public address when all is well. A patient fault means that it must not run on.
func (c *cloudflared) look(ctx context.Context, client *wire.Client, origin string) (public string, err error) {
	const network = "check this computer's connection to the internet; cloudflared needs port 7844 outwards"
	ready, err := client.Do(ctx, wire.Request{Method: "GET", Path: "/ready", Abortable: true})
	if err != nil {
		return "", failed(network, "cloudflared does not answer")
	}
	rules, known := readRules(ctx, client)
	if err := onlyHere(rules, origin); err != nil {
		return "", err
	}
	switch {
	case ready.Status != 200:
		return "", failed(network, "cloudflared has no connection to Cloudflare")
	case !known:
		return "", failed("update cloudflared", "cloudflared does not say what it leads where")
	case c.config.quick():
		return quickAddress(ctx, client)
	case !leadsHere(rules, c.config.Hostname, origin):
		return "", failed("in Cloudflare's dashboard give your tunnel the public hostname "+c.config.Hostname+" with the service "+origin,
			"Cloudflare does not lead %s here", c.config.Hostname)
	}
	return c.config.Hostname, nil
}

// quickAddress asks which address a quick tunnel was given.
func quickAddress(ctx context.Context, client *wire.Client) (string, error) {
	name, err := client.Do(ctx, wire.Request{Method: "GET", Path: "/quicktunnel", Abortable: true, AnyType: true})
	var quick struct {
		Hostname string `json:"hostname"`
	}
	if err != nil || json.Unmarshal(name.Body, &quick) != nil || quick.Hostname == "" {
		return "", failed("update cloudflared", "cloudflared does not say its public address")
	}
	return publicOrigin(quick.Hostname)
}

// rule is one line of what cloudflared leads where.
type rule struct {
	Hostname string  `json:"hostname"`
	Path     *string `json:"path"`
	Service  string  `json:"service"`
}

// readRules asks what the program leads where at this moment, by its own file or by the dashboard's word.
func readRules(ctx context.Context, client *wire.Client) ([]rule, bool) {
	answer, err := client.Do(ctx, wire.Request{Method: "GET", Path: "/config", Abortable: true, AnyType: true})
	var current struct {
		Config struct {
			Ingress []rule `json:"ingress"`
		} `json:"config"`
	}
	if err != nil || answer.Status != 200 || json.Unmarshal(answer.Body, &current) != nil {
		return nil, false
	}
	return current.Config.Ingress, true
}

// onlyHere refuses a tunnel that leads anywhere but to the gateway: the control interface of this program, say.
func onlyHere(rules []rule, origin string) error {
	for _, r := range rules {
		if !sameOrigin(r.Service, origin) && !strings.HasPrefix(r.Service, "http_status:") {
			return refused(trading.Refused, "in Cloudflare's dashboard let this tunnel lead to "+origin+" only, and use another tunnel for other services",
				"stopped, because the tunnel leads %s to %s, which is not the gateway", cmp.Or(r.Hostname, "everything"), r.Service)
		}
	}
	return nil
}

func leadsHere(rules []rule, public, origin string) bool {
	u, err := url.Parse(public)
	if err != nil {
		return false
	}
	for _, r := range rules {
		host := r.Hostname
		fits := host == "" || host == "*" || strings.EqualFold(host, u.Hostname()) ||
			strings.HasPrefix(host, "*.") && strings.HasSuffix(u.Hostname(), strings.ToLower(host[1:]))
		if fits {
			return sameOrigin(r.Service, origin)
		}
	}
	return false
}

// sameOrigin tells whether two words for an address of this computer mean the same.
func sameOrigin(service, origin string) bool {
	if service == origin {
		return true
	}
	s, err := url.Parse(service)
	o, err2 := url.Parse(origin)
	return err == nil && err2 == nil && s.Scheme == "http" && o.Scheme == "http" && s.Host != "" && s.Port() == o.Port() && s.Port() != "" &&
		s.Hostname() == "localhost" && o.Hostname() == "127.0.0.1" && strings.Trim(s.Path, "/") == ""
}
