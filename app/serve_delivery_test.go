package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dozvon/app/servetest"
)

type dead struct {
	ID, Lead    int64
	Type, Error string
	Attempts    int
}

// A receiver that fails for long makes dead letters; a replay brings them
// under the same id, and the lead is told of once more only then.
func TestDeadDeliveriesAndReplay(t *testing.T) {
	crm := servetest.NewReceiver(t, http.StatusInternalServerError)
	s := servetest.Start(t, servetest.Options{Extra: crm.Hooks(1)})
	id := one(t, s, "crm", pushPath, lead("+79991110001"))
	first := crm.Next(t)
	var list []dead
	servetest.Until(t, "the delivery is dead", func() bool {
		s.Get(t, "supervisor", "/api/v1/deliveries/dead", &list)
		return len(list) > 0
	})
	if d := list[0]; d.Type != "lead.finished" || d.Lead != id || d.Attempts != 1 || !strings.Contains(d.Error, "500") {
		t.Errorf("%+v", d)
	}
	replay := func(body string) string {
		a := s.Do(t, "supervisor", "POST", "/api/v1/deliveries/replay", body)
		return fmt.Sprint(a.Status, strings.TrimSpace(a.Body))
	}
	if got := replay(`{"ids": [999]}`); got != `200{"replayed":0}` {
		t.Errorf("replay of nothing: %s", got)
	}
	crm.Answer(http.StatusNoContent)
	if got := replay(fmt.Sprintf(`{"ids": [%d]}`, list[0].ID)); got != `200{"replayed":1}` {
		t.Errorf("replay: %s", got)
	}
	if again := crm.Next(t); again.ID != first.ID || again.Type != "lead.finished" || again.Status != http.StatusNoContent {
		t.Errorf("first %+v, then %+v", first, again)
	}
	s.Get(t, "supervisor", "/api/v1/deliveries/dead", &list)
	if len(list) != 0 {
		t.Errorf("still dead: %+v", list)
	}
	servetest.Until(t, "the tries are counted", func() bool {
		text := s.Do(t, "", "GET", "/metrics", "").Body
		return strings.Contains(text, `dozvon_deliveries_total{kind="webhook",result="dead"} 1`) &&
			strings.Contains(text, `dozvon_deliveries_total{kind="webhook",result="sent"} 1`)
	})
}

// A receiver that fails for a moment gets the event by itself.
func TestDeliveryIsTriedAgain(t *testing.T) {
	crm := servetest.NewReceiver(t, http.StatusBadGateway)
	s := servetest.Start(t, servetest.Options{Extra: crm.Hooks(12)})
	one(t, s, "crm", pushPath, lead("+79991110001"))
	first := crm.Next(t)
	crm.Answer(http.StatusOK)
	for hook := crm.Next(t); ; hook = crm.Next(t) {
		if hook.ID != first.ID {
			t.Fatalf("first %+v, then %+v", first, hook)
		}
		if hook.Status == http.StatusOK {
			return
		}
	}
}

// 410 turns the endpoint off; what came meanwhile is sent once it is on again.
func TestEndpointOffAndOn(t *testing.T) {
	crm := servetest.NewReceiver(t, http.StatusGone)
	s := servetest.Start(t, servetest.Options{Extra: crm.Hooks(1)})
	one(t, s, "crm", pushPath, lead("+79991110001"))
	first := crm.Next(t)
	var off []struct{ Name, Why string }
	servetest.Until(t, "the endpoint is off", func() bool {
		s.Get(t, "admin", "/api/v1/endpoints/off", &off)
		return len(off) == 1
	})
	if off[0].Name != crm.URL || !strings.Contains(off[0].Why, "410") {
		t.Errorf("%+v", off)
	}
	crm.Answer(http.StatusOK)
	path := "/api/v1/endpoints/" + strings.ReplaceAll(crm.URL, "/", "%2F") + "/on"
	if a := s.Do(t, "admin", "POST", path, ""); a.Status != http.StatusNoContent {
		t.Fatalf("turning on: %d %s", a.Status, a.Body)
	}
	if again := crm.Next(t); again.ID != first.ID {
		t.Errorf("first %+v, then %+v", first, again)
	}
	if a := s.Do(t, "admin", "POST", path, ""); a.Status != http.StatusNotFound {
		t.Errorf("turning on twice: %d %s", a.Status, a.Body)
	}
}

// To stop the service is not the end of its campaigns: nobody is told so.
func TestStopIsNoEndOfACampaign(t *testing.T) {
	crm := servetest.NewReceiver(t, http.StatusOK)
	all := fmt.Sprintf("webhooks: [{url: %q, secrets: [\"${HOOK_SECRET}\"], types: [lead.finished, campaign.finished]}]\n", crm.URL)
	s := servetest.Start(t, servetest.Options{Extra: all})
	for n := range 2 {
		one(t, s, "crm", pushPath, lead(fmt.Sprintf("+7999111000%d", n)))
		if h := crm.Next(t); h.Type != "lead.finished" {
			t.Fatalf("start %d: %+v", n, h)
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		s = servetest.Start(t, servetest.Options{Dir: s.Dir, Far: s.Far, Extra: all})
	}
	one(t, s, "crm", pushPath, lead("+79991110005"))
	if h := crm.Next(t); h.Type != "lead.finished" {
		t.Errorf("%+v", h)
	}
}
