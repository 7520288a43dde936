package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// hearingMetrics are those of the recognisers of spoken answers.
type hearingMetrics struct {
	heard    *prometheus.CounterVec
	failures *prometheus.CounterVec
	delay    *prometheus.HistogramVec
}

func (m *Metrics) addHearing() {
	m.hearing.heard = m.counter("dozvon_heard_total", "Spoken answers by engine; result is answer, or other for speech that was none of the answers.", "engine", "language", "result")
	m.hearing.failures = m.counter("dozvon_hearing_failures_total", "Engines that could not be used or failed in a call; instead is the one that went on, keys if none did.", "engine", "language", "instead")
	m.hearing.delay = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dozvon_heard_delay_seconds",
		Help: "From the end of what a person said to its result.", Buckets: []float64{.1, .2, .3, .4, .6, .8, 1, 1.5, 2, 5}}, []string{"engine"})
	m.registry.MustRegister(m.hearing.delay)
}

// Heard counts what an engine heard; answer says whether it was one of the
// answers.
func (m *Metrics) Heard(engine, language string, answer bool, delay time.Duration) {
	result := "other"
	if answer {
		result = "answer"
	}
	m.hearing.heard.WithLabelValues(label(engine), label(language), result).Inc()
	m.hearing.delay.WithLabelValues(label(engine)).Observe(max(0, delay.Seconds()))
}

// HearingFailed counts an engine that another had to take the place of; ""
// for keys.
func (m *Metrics) HearingFailed(engine, language, instead string) {
	if instead == "" {
		instead = "keys"
	}
	m.hearing.failures.WithLabelValues(label(engine), label(language), label(instead)).Inc()
}
