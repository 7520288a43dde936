package web

import "github.com/prometheus/client_golang/prometheus"

// Door is what came to the SIP port from those who belong to no call.
type Door struct {
	Answered, Dropped, Refused int64 // messages answered, messages dropped, connections refused: so far
	Connections, Phones        int64 // open and registered now
}

// WatchDoor shows what read tells at each scrape. It is called once.
func (m *Metrics) WatchDoor(read func() Door) {
	for _, c := range []struct {
		name, help string
		of         func(Door) int64
	}{
		{"dozvon_sip_strangers_answered_total", "Requests outside calls answered at the SIP port.", func(d Door) int64 { return d.Answered }},
		{"dozvon_sip_strangers_dropped_total", "Messages dropped at the SIP port: over a limit, not allowed, or garbage.", func(d Door) int64 { return d.Dropped }},
		{"dozvon_sip_strangers_refused_total", "Connections to the SIP port refused or ended by a limit.", func(d Door) int64 { return d.Refused }},
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: c.name, Help: c.help},
			func() float64 { return float64(c.of(read())) }))
	}
	for _, g := range []struct {
		name, help string
		of         func(Door) int64
	}{
		{"dozvon_sip_connections", "Connections to the SIP port that others opened.", func(d Door) int64 { return d.Connections }},
		{"dozvon_sip_phones", "Phones registered.", func(d Door) int64 { return d.Phones }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help},
			func() float64 { return float64(g.of(read())) }))
	}
}
