package web

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"dozvon/dialer"
)

// Metrics is what the program counts of itself. The app feeds it; /metrics
// shows it, with those of the Go runtime and of the process. Every method is
// safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	callsPlaced, callsEnded, talk    *prometheus.CounterVec
	delivered, leadsPushed, requests *prometheus.CounterVec
	callsUp, leads, trunkUp, outbox  *prometheus.GaugeVec
	watchers, mediaLate, braked      prometheus.Gauge
	pushToInvite, requestTime        prometheus.Histogram
	quality                          qualityMetrics
	hearing                          hearingMetrics
	lost                             atomic.Int64
}

// NewMetrics returns metrics of a program of that version.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.callsPlaced = m.counter("dozvon_calls_placed_total", "Calls placed.", "campaign", "trunk")
	m.callsEnded = m.counter("dozvon_calls_ended_total", "Calls ended, by disposition.", "campaign", "disposition")
	m.talk = m.counter("dozvon_talk_seconds_total", "Time between answer and end of calls.", "campaign")
	m.callsUp = m.gauge("dozvon_calls_up", "Calls up now.", "campaign")
	m.leads = m.gauge("dozvon_leads", "Leads by state.", "campaign", "state")
	m.trunkUp = m.gauge("dozvon_trunk_up", "1 if the trunk works.", "trunk")
	m.mediaLate = m.gauge("dozvon_media_late_ratio", "Share of voice packets that left more than 5 ms late in the last second, on the wheel that fared worst.").WithLabelValues()
	m.braked = m.gauge("dozvon_media_brake", "1 while no new calls are placed because voice packets leave late.").WithLabelValues()
	m.outbox = m.gauge("dozvon_outbox", "Deliveries in the outbox by state.", "state")
	m.delivered = m.counter("dozvon_deliveries_total", "Tries of deliveries by result.", "kind", "result")
	m.pushToInvite = m.histogram("dozvon_push_to_invite_seconds", "From a push to the first INVITE of its lead.",
		.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5)
	m.leadsPushed = m.counter("dozvon_leads_pushed_total", "Pushed leads by answer.", "campaign", "status")
	m.requests = m.counter("dozvon_http_requests_total", "Requests to the API.", "route", "status")
	m.requestTime = m.histogram("dozvon_http_request_seconds", "Time that requests to the API took, streams included.",
		.001, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30)
	m.addQuality()
	m.addHearing()
	m.watchers = m.gauge("dozvon_event_streams", "Clients that watch live events.").WithLabelValues()
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "dozvon_events_lost_total",
		Help: "Live events that nobody got because the queue was full."}, func() float64 { return float64(m.lost.Load()) }))
	m.gauge("dozvon_build_info", "1, with the version.", "version").WithLabelValues(label(version)).Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) histogram(name, help string, bounds ...float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds})
	m.registry.MustRegister(h)
	return h
}

// label makes a text fit for a label; names come from files that may hold
// anything, and the library panics at what is no UTF-8.
func label(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// handler shows everything in the Prometheus text format.
func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// CallPlaced counts a call.
func (m *Metrics) CallPlaced(campaign, trunk string) {
	m.callsPlaced.WithLabelValues(label(campaign), label(trunk)).Inc()
}

// CallEnded counts the end of a call; talk is the time since its answer.
func (m *Metrics) CallEnded(campaign string, d dialer.Disposition, talk time.Duration) {
	m.callsEnded.WithLabelValues(label(campaign), label(string(d))).Inc()
	m.talk.WithLabelValues(label(campaign)).Add(max(0, talk.Seconds()))
}

// SetCallsUp sets the number of calls up now.
func (m *Metrics) SetCallsUp(campaign string, n int) {
	m.callsUp.WithLabelValues(label(campaign)).Set(float64(n))
}

// SetLeads sets the number of a campaign's leads in a state.
func (m *Metrics) SetLeads(campaign string, s dialer.LeadState, n int) {
	m.leads.WithLabelValues(label(campaign), label(string(s))).Set(float64(n))
}

// SetTrunkUp says whether a trunk works.
func (m *Metrics) SetTrunkUp(trunk string, up bool) {
	v := 0.0
	if up {
		v = 1
	}
	m.trunkUp.WithLabelValues(label(trunk)).Set(v)
}

// SetOutbox sets the number of deliveries in a state.
func (m *Metrics) SetOutbox(state string, n int) {
	m.outbox.WithLabelValues(label(state)).Set(float64(n))
}

// SetMedia tells how punctual voice packets are, and whether new calls wait for
// that.
func (m *Metrics) SetMedia(late float64, braked bool) {
	v := 0.0
	if braked {
		v = 1
	}
	m.mediaLate.Set(late)
	m.braked.Set(v)
}

// Delivered counts a try of a delivery: result is sent, again, dead or off.
func (m *Metrics) Delivered(kind, result string) {
	m.delivered.WithLabelValues(label(kind), label(result)).Inc()
}

// PushToInvite observes the time from a push to the INVITE of its lead.
func (m *Metrics) PushToInvite(d time.Duration) { m.pushToInvite.Observe(d.Seconds()) }

func (m *Metrics) pushed(campaign string, s PushStatus) {
	m.leadsPushed.WithLabelValues(label(campaign), label(string(s))).Inc()
}

func (m *Metrics) watching(n float64) { m.watchers.Add(n) }

func (m *Metrics) lostEvents(n int64) { m.lost.Store(n) }

// request counts a request by its route's pattern, which no caller can make
// many of.
func (m *Metrics) request(route string, status int, took time.Duration) {
	if route == "" {
		route = "unknown"
	}
	m.requests.WithLabelValues(label(route), strconv.Itoa(status)).Inc()
	m.requestTime.Observe(took.Seconds())
}
