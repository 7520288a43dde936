package media

import "testing"

func TestLateShare(t *testing.T) {
	look := func(sessions int, served, inTime uint64) WheelStats {
		w := WheelStats{Sessions: sessions}
		w.Lateness.Served, w.Lateness.Buckets[0] = served, inTime
		return w
	}
	for _, c := range []struct {
		name          string
		before, after []WheelStats
		want          float64
	}{
		{"nothing yet", nil, []WheelStats{look(0, 0, 0)}, 0},
		{"in time", []WheelStats{look(1, 100, 50)}, []WheelStats{look(1, 150, 100)}, 0},
		{"the worst counts", []WheelStats{look(9, 0, 0), look(9, 0, 0)}, []WheelStats{look(9, 400, 400), look(9, 400, 300)}, 0.25},
		{"a few are none", []WheelStats{look(1, 0, 0)}, []WheelStats{look(1, 50, 45)}, 0},
		{"one that stands still", []WheelStats{look(1, 100, 100)}, []WheelStats{look(1, 100, 100)}, 1},
		{"one whose first call has just come", []WheelStats{look(0, 100, 100)}, []WheelStats{look(1, 100, 100)}, 0},
	} {
		if got := LateShare(c.before, c.after); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
