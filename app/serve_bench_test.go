package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dozvon/app/servetest"
	"dozvon/sip/siptest"
)

// BenchmarkPushToInvite is the time from sending the HTTP request that pushes
// a lead to the INVITE at the far end, on an idle service: one push after the
// other, each call over before the next. Run it with -benchtime 300x.
func BenchmarkPushToInvite(b *testing.B) {
	s := servetest.Start(b, servetest.Options{})
	events := s.Watch(b)
	var took []time.Duration
	number := 0
	for b.Loop() {
		number++
		phone := fmt.Sprintf("+7999111%04d", number%10_000)
		body := fmt.Sprintf(`{"phone": %q, "external_id": "e%d", "columns": {"name": "Ann"}}`, phone, number)
		sent := time.Now()
		id := one(b, s, "crm", pushPath, body)
		call, err := s.Far.Wait(b.Context(), func(c siptest.CallRecord) bool { return c.Number == phone && c.InviteAt.After(sent) })
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, call.InviteAt.Sub(sent))
		events.Lead(b, id, "lead.finished")
	}
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "median-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(ms(took[len(took)-1]), "max-ms")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
