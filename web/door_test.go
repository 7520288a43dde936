package web

import "testing"

func TestDoorIsReadAtEachScrape(t *testing.T) {
	m := NewMetrics("test")
	d := Door{Answered: 3, Dropped: 20, Refused: 1, Connections: 2, Phones: 4}
	m.WatchDoor(func() Door { return d })
	d.Dropped++
	got := samples(t, m.handler())
	for name, want := range map[string]float64{
		"dozvon_sip_strangers_answered_total": 3, "dozvon_sip_strangers_dropped_total": 21, "dozvon_sip_strangers_refused_total": 1,
		"dozvon_sip_connections": 2, "dozvon_sip_phones": 4,
	} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
}
