package phonesim

import "testing"

func TestMeasureDecisions(t *testing.T) {
	decisions, took := MeasureDecisions(5000)
	if decisions < 5000 || took <= 0 {
		t.Fatalf("%d decisions in %v", decisions, took)
	}
	t.Logf("%.0f decisions a second", float64(decisions)/took.Seconds())
}

func BenchmarkDecisions(b *testing.B) {
	b.ReportAllocs()
	decisions, took := MeasureDecisions(max(b.N, 1000))
	b.ReportMetric(float64(decisions)/took.Seconds(), "decisions/s")
	b.ReportMetric(float64(took.Nanoseconds())/float64(decisions), "ns/decision")
}
