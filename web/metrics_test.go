package web

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"dozvon/dialer"
)

// samples are the values that /metrics shows, by name and labels.
func samples(t *testing.T, h http.Handler) map[string]float64 {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if ct := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(ct, "text/plain; version=0.0.4") {
		t.Fatalf("status %d, content type %s: %s", w.Code, ct, w.Body)
	}
	out := map[string]float64{}
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out[line[:at]] = v
	}
	return out
}

func TestMetrics(t *testing.T) {
	m := NewMetrics("1.2.3")
	m.CallPlaced("leads", "main")
	m.CallPlaced("leads", "main")
	m.CallEnded("leads", dialer.Busy, -time.Second)
	m.CallEnded("leads", dialer.Answered, 90*time.Second)
	m.SetCallsUp("a\"b\\c\nd\xff", 3)
	m.SetLeads("leads", dialer.LeadDone, 5)
	m.SetTrunkUp("main", true)
	m.SetTrunkUp("spare", false)
	m.SetOutbox("dead", 2)
	m.SetMedia(0.25, true)
	m.Delivered("webhook", "sent")
	m.lostEvents(12)
	for _, d := range []time.Duration{500 * time.Microsecond, time.Millisecond, 3 * time.Millisecond, time.Hour} {
		m.PushToInvite(d)
	}
	got := samples(t, m.handler())
	for name, want := range map[string]float64{
		`dozvon_calls_placed_total{campaign="leads",trunk="main"}`:      2,
		`dozvon_media_late_ratio`:                                       0.25,
		`dozvon_media_brake`:                                            1,
		`dozvon_calls_ended_total{campaign="leads",disposition="busy"}`: 1,
		`dozvon_talk_seconds_total{campaign="leads"}`:                   90,
		`dozvon_calls_up{campaign="a\"b\\c\nd�"}`:                       3,
		`dozvon_leads{campaign="leads",state="done"}`:                   5,
		`dozvon_trunk_up{trunk="main"}`:                                 1,
		`dozvon_trunk_up{trunk="spare"}`:                                0,
		`dozvon_outbox{state="dead"}`:                                   2,
		`dozvon_deliveries_total{kind="webhook",result="sent"}`:         1,
		`dozvon_push_to_invite_seconds_bucket{le="0.001"}`:              2,
		`dozvon_push_to_invite_seconds_bucket{le="0.0025"}`:             2,
		`dozvon_push_to_invite_seconds_bucket{le="0.005"}`:              3,
		`dozvon_push_to_invite_seconds_bucket{le="+Inf"}`:               4,
		`dozvon_push_to_invite_seconds_count`:                           4,
		`dozvon_push_to_invite_seconds_sum`:                             3600.0045,
		`dozvon_build_info{version="1.2.3"}`:                            1,
		`dozvon_events_lost_total`:                                      12,
		`dozvon_event_streams`:                                          0,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
	for _, name := range []string{"go_goroutines", "process_start_time_seconds"} {
		if got[name] == 0 {
			t.Errorf("%s is missing", name)
		}
	}
}

// TestMetricsOverHTTP: requests are counted by route, and strangers' paths
// make no series of their own.
func TestMetricsOverHTTP(t *testing.T) {
	c := config(t, &fake{})
	c.Metrics = NewMetrics("1")
	s := serve(t, c)
	s.do(RoleCRM, "POST", pushPath, `[{"phone":"1"},{"phone":"dnc"},{}]`).into(t, 200, nil)
	for _, path := range []string{"/a", "/b", "/c/d"} {
		s.do("", "GET", path, "").problem(t, 404)
	}
	m := samples(t, s.Config.Handler)
	for name, want := range map[string]float64{
		`dozvon_http_requests_total{route="POST /api/v1/campaigns/{name}/leads",status="200"}`: 1,
		`dozvon_http_requests_total{route="unknown",status="404"}`:                             3,
		`dozvon_leads_pushed_total{campaign="leads",status="accepted"}`:                        1,
		`dozvon_leads_pushed_total{campaign="leads",status="suppressed"}`:                      1,
		`dozvon_leads_pushed_total{campaign="leads",status="invalid"}`:                         1,
		`dozvon_http_request_seconds_count`:                                                    4,
	} {
		if m[name] != want {
			t.Errorf("%s is %v, want %v", name, m[name], want)
		}
	}
}

func TestMetricsTogether(t *testing.T) {
	m := NewMetrics("1")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				m.CallPlaced("c", "t")
				m.PushToInvite(time.Millisecond)
			}
		})
	}
	wg.Wait()
	got := samples(t, m.handler())
	if got[`dozvon_calls_placed_total{campaign="c",trunk="t"}`] != 8000 || got["dozvon_push_to_invite_seconds_count"] != 8000 {
		t.Errorf("counts were lost: %v", got)
	}
}
