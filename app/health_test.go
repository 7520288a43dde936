package app_test

import (
	"context"
	"testing"

	"dozvon/app/servetest"
	"dozvon/sip/siptest"
)

// A trunk that falls silent is taken out by itself and put back by itself, and
// the campaign with it; whoever asks is told why.
func TestTrunkIsTakenOutAndPutBackByItself(t *testing.T) {
	t.Parallel()
	far := servetest.Network(t)
	s := servetest.Start(t, servetest.Options{Far: far, Trunk: ", health: 2s"})
	events := s.Watch(t)
	lead := one(t, s, "crm", pushPath, lead("+79991110001"))
	events.Lead(t, lead, "lead.finished") // calls go through
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	events.Until(t, func(e servetest.Event) bool {
		return e.Type == "campaign.changed" && e.Campaign == "leads" && e.Data["state"] == "paused" && e.Data["reason"] == "trunk"
	})
	var held struct {
		State string
		Held  []struct{ Check, Text string }
	}
	s.Get(t, "supervisor", "/api/v1/campaigns/leads", &held)
	if held.State != "paused" || len(held.Held) != 2 || held.Held[1].Check != "trunk_down" {
		t.Errorf("%+v", held)
	}
	again, err := siptest.Start(context.Background(), siptest.Config{IP: far.Addr().Addr(), Port: int(far.Addr().Port())})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	paused := false // the events of the start are seen again
	events.Until(t, func(e servetest.Event) bool {
		if e.Type != "campaign.changed" || e.Campaign != "leads" {
			return false
		}
		paused = paused || e.Data["state"] == "paused"
		return paused && e.Data["state"] == "running"
	})
	s.Get(t, "supervisor", "/api/v1/campaigns/leads", &held)
	if held.State != "running" {
		t.Errorf("%+v", held)
	}
}
