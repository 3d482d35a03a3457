package app

import (
	"context"
	"time"
)

// pulse tells how the house is.
type pulse interface {
	Health(ctx context.Context) []PartHealth
	LastAnswer() time.Duration
	LastSignalAt(ctx context.Context) (time.Time, error)
	Flushes() uint64
}

// Health is every part of the house and the pulse in the footer.
type Health struct{ in *house }

// Get asks every part. It answers even when parts do not: what cannot be read stays empty.
func (s *Health) Get(_ Empty) (HealthReport, error) {
	return answer(s.in, "read health", func(ctx context.Context) (HealthReport, error) {
		report := HealthReport{
			Items: s.in.health(ctx), Mode: string(s.in.overall()), Version: s.in.version,
			AnswerMicros: s.in.pulse.LastAnswer().Microseconds(), Now: when(s.in.now()),
		}
		if last, err := s.in.pulse.LastSignalAt(ctx); err == nil {
			report.LastAlertAt = when(last)
		}
		if waiting, _, err := s.in.depth(ctx); err == nil {
			report.QueueDepth = waiting
		}
		return report, nil
	})
}

// health is every part of the program, and of how it sits on this computer, without the secrets that others may have repeated.
func (h *house) health(ctx context.Context) []PartHealth {
	parts := filled(h.pulse.Health(ctx))
	if h.manners != nil {
		parts = append(parts, h.manners.parts()...)
	}
	for i, p := range parts {
		parts[i].Detail, parts[i].Fix = h.clean(p.Detail), h.clean(p.Fix)
	}
	return parts
}
