package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dozvon/dialer"
)

// qualityMetrics are how well the sound of calls got through, by trunk: a
// carrier that goes bad shows here before its calls fail.
type qualityMetrics struct {
	mos, loss, jitter, roundTrip *prometheus.HistogramVec
}

func (m *Metrics) addQuality() {
	of := func(name, help string, bounds ...float64) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, []string{"trunk"})
		m.registry.MustRegister(h)
		return h
	}
	m.quality = qualityMetrics{
		mos: of("dozvon_call_mos", "Mean opinion score of answered calls, by the E-model (ITU-T G.107).",
			1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.1, 4.2, 4.3, 4.4, 4.5),
		loss: of("dozvon_call_loss_ratio", "Share of the person's packets that were not heard.",
			0, .001, .0025, .005, .01, .02, .05, .1, .2, .5),
		jitter: of("dozvon_call_jitter_seconds", "Jitter of the person's packets (RFC 3550).",
			.001, .0025, .005, .01, .02, .03, .05, .1, .2),
		roundTrip: of("dozvon_call_round_trip_seconds", "Round trip to the far end, where it sends RTCP.",
			.005, .01, .025, .05, .1, .15, .2, .3, .5, 1),
	}
}

// CallQuality observes the sound of a call. What was not measured is not counted.
func (m *Metrics) CallQuality(trunk string, q dialer.Quality) {
	if q == (dialer.Quality{Secure: q.Secure}) {
		return
	}
	t := label(trunk)
	m.quality.loss.WithLabelValues(t).Observe(q.Loss)
	m.quality.jitter.WithLabelValues(t).Observe(q.Jitter.Seconds())
	if q.MOS > 0 {
		m.quality.mos.WithLabelValues(t).Observe(q.MOS)
	}
	if q.RoundTrip > 0 {
		m.quality.roundTrip.WithLabelValues(t).Observe(q.RoundTrip.Seconds())
	}
}

// QualityView is the sound of a call as the API shows it.
type QualityView struct {
	Loss        float64 `json:"loss" doc:"Share of the person's packets that were not heard, 0 to 1"`
	JitterMS    float64 `json:"jitter_ms"`
	FarLoss     float64 `json:"far_loss,omitempty" doc:"Share of our packets that the far end missed, by its RTCP"`
	FarJitterMS float64 `json:"far_jitter_ms,omitempty"`
	RoundTripMS float64 `json:"round_trip_ms,omitempty" doc:"Absent if the far end sent no RTCP"`
	MOS         float64 `json:"mos,omitempty" doc:"Mean opinion score, 1 to 4.5 (ITU-T G.107)"`
	SRTP        bool    `json:"srtp"`
}

func viewQuality(q dialer.Quality) *QualityView {
	if q == (dialer.Quality{}) {
		return nil
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return &QualityView{Loss: q.Loss, JitterMS: ms(q.Jitter), FarLoss: q.FarLoss, FarJitterMS: ms(q.FarJitter),
		RoundTripMS: ms(q.RoundTrip), MOS: q.MOS, SRTP: q.Secure}
}
