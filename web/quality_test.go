package web

import (
	"encoding/json"
	"testing"
	"time"

	"dozvon/dialer"
)

func TestQualityOfCalls(t *testing.T) {
	m := NewMetrics("1")
	good := dialer.Quality{Loss: 0.012, Jitter: 4 * time.Millisecond, RoundTrip: 60 * time.Millisecond, MOS: 4.25, Secure: true}
	m.CallQuality("main", good)
	m.CallQuality("main", dialer.Quality{Loss: 0.3, Jitter: 80 * time.Millisecond})
	m.CallQuality("main", dialer.Quality{})             // not answered
	m.CallQuality("main", dialer.Quality{Secure: true}) // answered, nothing came
	got := samples(t, m.handler())
	for name, want := range map[string]float64{
		`dozvon_call_mos_count{trunk="main"}`: 1, `dozvon_call_mos_bucket{trunk="main",le="4.2"}`: 0, `dozvon_call_mos_bucket{trunk="main",le="4.3"}`: 1,
		`dozvon_call_loss_ratio_count{trunk="main"}`: 2, `dozvon_call_loss_ratio_bucket{trunk="main",le="0.02"}`: 1,
		`dozvon_call_jitter_seconds_bucket{trunk="main",le="0.005"}`: 1, `dozvon_call_jitter_seconds_count{trunk="main"}`: 2,
		`dozvon_call_round_trip_seconds_count{trunk="main"}`: 1, `dozvon_call_round_trip_seconds_sum{trunk="main"}`: 0.06,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v (%v), want %v", name, v, ok, want)
		}
	}
	view := viewAttempt(dialer.Attempt{Result: dialer.Result{Quality: good, CallerID: "+74951234567"}})
	text, err := json.Marshal(view.Quality)
	if want := `{"loss":0.012,"jitter_ms":4,"round_trip_ms":60,"mos":4.25,"srtp":true}`; err != nil || string(text) != want || view.CallerID != "+74951234567" {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	if viewAttempt(dialer.Attempt{}).Quality != nil {
		t.Error("a call without sound has a quality")
	}
}
