package pulse

import (
	"math"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBarFollowsTheMachine(t *testing.T) {
	for stalled, want := range map[float64]float64{0: 1, 0.01: 1, 0.5: 3, 0.9: 3, 0.1: 1 + 2*0.44} {
		p := &Pulse{begun: time.Now().Add(-time.Hour), waited: time.Duration(stalled * float64(time.Hour))}
		if got := p.Bar(1, 3); math.Abs(got-want) > 0.001 {
			t.Errorf("stalled for %v of the time: bar %v, want %v", stalled, got, want)
		}
	}
}

func TestWatchEndsWithItsTest(t *testing.T) {
	t.Run("watched", func(t *testing.T) {
		if s := Watch(t).Stalled(); s < 0 || s > 1 {
			t.Errorf("stalled for %v of the time", s)
		}
	})
}
