package tunnel

import "context"

// none opens nothing: a person's own proxy or port leads here, and all there is to do is to ask whether it does.
type none struct{ config Config }

func (n *none) serve(ctx context.Context, a *attempt) error {
	if n.config.Listen != "" {
		g, err := a.open(ctx, n.config.Listen)
		if err != nil {
			return err
		}
		defer g.shut()
	}
	if n.config.Hostname == "" {
		a.r.set(func(s *State) {
			s.Phase, s.Detail = Off, "no tunnel is set up: alerts reach this program from this computer only"
			s.Fix = "choose a tunnel, or set [tunnel] hostname to the address at which your own proxy answers"
		})
		<-ctx.Done()
		return context.Cause(ctx)
	}
	a.ready(n.config.Hostname)
	<-ctx.Done()
	return context.Cause(ctx)
}
