package media

import "time"

// WheelStats is how a wheel fares; the counts go on from the engine's start.
type WheelStats struct {
	Sessions int // that are served: the far end is known
	Lateness Lateness
}

// Wheels tells of each wheel of the engine.
func (e *Engine) Wheels() []WheelStats {
	all := make([]WheelStats, len(e.wheels))
	for i, w := range e.wheels {
		all[i].Sessions = int(w.count.Load())
		w.late.addTo(&all[i].Lateness)
	}
	return all
}

// LateAfter is how much after its time a packet may leave and still count as
// one that left in time. Every receiver holds back that much and more.
const LateAfter = 5 * time.Millisecond

// fewLate is how many late packets of a look count as none: with few calls up,
// a single one would be a large share and say nothing of the machine.
const fewLate = 5

// LateShare returns the share of packets that were late between two looks at
// an engine, of the wheel that fared worst. A wheel that served nobody although
// it has sessions stands still: all of its packets are late.
func LateShare(before, after []WheelStats) float64 {
	worst := 0.0
	for i, now := range after {
		var was WheelStats
		if i < len(before) {
			was = before[i]
		}
		d := now.Lateness.Since(was.Lateness)
		late := d.Over(LateAfter)
		if late*float64(d.Served) <= fewLate {
			late = 0
		}
		if d.Served == 0 && min(was.Sessions, now.Sessions) > 0 {
			late = 1
		}
		worst = max(worst, late)
	}
	return worst
}
