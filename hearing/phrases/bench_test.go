package phrases

import (
	"testing"

	"dozvon/hearing"
)

// BenchmarkCompile is the largest question that is usual: yes, no, later, stop,
// and a moment. It is compiled once for all calls that ask it.
func BenchmarkCompile(b *testing.B) {
	o := hearing.Options{Language: "ru", Phrases: map[string][]string{"at": {Time}, "yes": Of("ru", Yes), "no": Of("ru", No), "later": Of("ru", Later), "stop": Of("ru", Stop)}}
	ways, words := 0, 0
	for b.Loop() {
		all, err := Compile(o)
		if err != nil {
			b.Fatal(err)
		}
		words, ways = len(all), 0
		for _, w := range all {
			ways += len(w.Phones)
		}
	}
	b.ReportMetric(float64(words), "phrases")
	b.ReportMetric(float64(ways), "pronunciations")
}
