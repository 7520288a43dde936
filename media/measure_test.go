package media

import (
	"testing"
	"time"
)

func TestMeasure(t *testing.T) {
	m, err := MeasureCallSeconds(20, 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(m)
	if m.CPU <= 0 || m.Raw <= 0 || m.Sent == 0 || m.Received == 0 || m.Lost != 0 {
		t.Errorf("%+v", m)
	}
}

// BenchmarkCallSecond prints the cost of one second of one call beside that
// of a bare loop that moves the same packets in the same run.
func BenchmarkCallSecond(b *testing.B) {
	for b.Loop() {
		m, err := MeasureCallSeconds(400, 5*time.Second)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(m.CPU.Microseconds()), "cpu-µs/call-s")
		b.ReportMetric(float64(m.CPU)/float64(m.Raw), "×raw")
		b.ReportMetric(float64(m.Memory), "B/call")
		b.ReportMetric(100*m.Lateness.Over(5*time.Millisecond), "%late>5ms")
		b.Log(m)
	}
}
