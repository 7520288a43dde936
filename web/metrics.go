package web

import (
	"io"
	"runtime"
	"strconv"
	"time"

	"dozvon/dialer"
)

// Metrics is what the program counts of itself. The app feeds it; /metrics
// shows it. Every method is safe for concurrent use.
type Metrics struct {
	all []*family

	callsPlaced, callsEnded, talk, callsUp  *family
	leads, trunkUp, outbox, delivered       *family
	pushToInvite, leadsPushed               *family
	requests, requestTime, watchers, missed *family
	goroutines, heap                        *family
}

// NewMetrics returns metrics of a program of that version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{}
	m.callsPlaced = m.counter("dozvon_calls_placed_total", "Calls placed.", "campaign", "trunk")
	m.callsEnded = m.counter("dozvon_calls_ended_total", "Calls ended, by disposition.", "campaign", "disposition")
	m.talk = m.counter("dozvon_talk_seconds_total", "Time between answer and end of calls.", "campaign")
	m.callsUp = m.gauge("dozvon_calls_up", "Calls up now.", "campaign")
	m.leads = m.gauge("dozvon_leads", "Leads by state.", "campaign", "state")
	m.trunkUp = m.gauge("dozvon_trunk_up", "1 if the trunk works.", "trunk")
	m.outbox = m.gauge("dozvon_outbox", "Deliveries in the outbox by state.", "state")
	m.delivered = m.counter("dozvon_deliveries_total", "Tries of deliveries by result.", "kind", "result")
	m.pushToInvite = m.histogram("dozvon_push_to_invite_seconds", "From a push to the INVITE of its lead.",
		[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5})
	m.leadsPushed = m.counter("dozvon_leads_pushed_total", "Pushed leads by answer.", "campaign", "status")
	m.requests = m.counter("dozvon_http_requests_total", "Requests to the API.", "route", "status")
	m.requestTime = m.histogram("dozvon_http_request_seconds", "Time that requests to the API took, streams included.",
		[]float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30})
	m.watchers = m.gauge("dozvon_event_streams", "Clients that watch live events.")
	m.missed = m.counter("dozvon_events_lost_total", "Live events that nobody got because the queue was full.")
	m.goroutines = m.gauge("dozvon_goroutines", "Goroutines of the process.")
	m.heap = m.gauge("dozvon_heap_bytes", "Heap memory in use.")
	m.gauge("dozvon_build_info", "1, with the version.", "version").at(version).set(1)
	return m
}

// CallPlaced counts a call.
func (m *Metrics) CallPlaced(campaign, trunk string) { m.callsPlaced.at(campaign, trunk).add(1) }

// CallEnded counts the end of a call; talk is the time since its answer.
func (m *Metrics) CallEnded(campaign string, d dialer.Disposition, talk time.Duration) {
	m.callsEnded.at(campaign, string(d)).add(1)
	m.talk.at(campaign).add(max(0, talk.Seconds()))
}

// SetCallsUp sets the number of calls up now.
func (m *Metrics) SetCallsUp(campaign string, n int) { m.callsUp.at(campaign).set(float64(n)) }

// SetLeads sets the number of a campaign's leads in a state.
func (m *Metrics) SetLeads(campaign string, s dialer.LeadState, n int) {
	m.leads.at(campaign, string(s)).set(float64(n))
}

// SetTrunkUp says whether a trunk works.
func (m *Metrics) SetTrunkUp(trunk string, up bool) {
	v := 0.0
	if up {
		v = 1
	}
	m.trunkUp.at(trunk).set(v)
}

// SetOutbox sets the number of deliveries in a state.
func (m *Metrics) SetOutbox(state string, n int) { m.outbox.at(state).set(float64(n)) }

// Delivered counts a try of a delivery: result is sent, again or dead.
func (m *Metrics) Delivered(kind, result string) { m.delivered.at(kind, result).add(1) }

// PushToInvite observes the time from a push to the INVITE of its lead.
func (m *Metrics) PushToInvite(d time.Duration) { m.pushToInvite.at().observe(d.Seconds()) }

func (m *Metrics) pushed(campaign string, s PushStatus) { m.leadsPushed.at(campaign, string(s)).add(1) }

func (m *Metrics) watching(n float64) { m.watchers.at().add(n) }

func (m *Metrics) lostEvents(n int64) { m.missed.at().set(float64(n)) }

// request counts a request by its route's pattern, which no caller can make
// many of.
func (m *Metrics) request(route string, status int, took time.Duration) {
	if route == "" {
		route = "unknown"
	}
	m.requests.at(route, strconv.Itoa(status)).add(1)
	m.requestTime.at().observe(took.Seconds())
}

// write writes everything in the Prometheus text format.
func (m *Metrics) write(w io.Writer) {
	m.goroutines.at().set(float64(runtime.NumGoroutine()))
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	m.heap.at().set(float64(s.HeapInuse))
	for _, f := range m.all {
		f.write(w)
	}
}
