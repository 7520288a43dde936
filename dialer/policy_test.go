package dialer

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPoliciesNameTheirSources(t *testing.T) {
	for _, name := range PolicyNames() {
		p, err := PolicyByName(name)
		if err != nil || p.Name != name || p.Hours == nil || !strings.Contains(p.Source, "as of 20") {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	if _, err := PolicyByName("ru-colection"); err == nil || !strings.Contains(err.Error(), "ru-collection") {
		t.Errorf("a misspelt policy: %v", err)
	}
	if p, err := PolicyByName(""); err != nil || p.Hours != nil {
		t.Errorf("no policy: %+v, %v", p, err)
	}
}

func policy(name string) Policy {
	p, err := PolicyByName(name)
	if err != nil {
		panic(err)
	}
	return p
}

func TestPolicyHours(t *testing.T) {
	for _, c := range []struct {
		policy, at string
		open       bool
	}{
		{"ru-collection", "2025-06-11T08:00:00+03:00", true},
		{"ru-collection", "2025-06-11T07:59:59+03:00", false},
		{"ru-collection", "2025-06-11T21:59:59+03:00", true},
		{"ru-collection", "2025-06-11T22:00:00+03:00", false},
		{"ru-collection", "2025-06-14T08:30:00+03:00", false}, // Saturday
		{"ru-collection", "2025-06-14T19:59:00+03:00", true},
		{"ru-collection", "2025-06-12T20:30:00+03:00", false}, // Russia Day, a Thursday
		{"ru-default", "2025-06-12T20:30:00+03:00", false},
		{"us", "2025-06-14T20:59:00+03:00", true},
		{"us", "2025-06-14T21:00:00+03:00", false},
		{"us", "2025-06-14T07:59:00+03:00", false},
	} {
		if got := policy(c.policy).Hours.Open(at(c.at), "Europe/Moscow"); got != c.open {
			t.Errorf("%s at %s: open %v", c.policy, c.at, got)
		}
	}
}

// What the campaign calls a holiday has the law's holiday hours too.
func TestCampaignHolidaysAreTheLawsToo(t *testing.T) {
	w := Window{Days: everyDay(), Spans: hours(8, 22), Weekend: hours(8, 22), Holidays: map[string]bool{"2025-06-13": true}}
	c := Campaign{Window: w, Policy: policy("ru-collection").under(w)}
	if got, want := c.allowed(&Lead{Zone: "Europe/Moscow"}, at("2025-06-13T08:10:00+03:00")), at("2025-06-13T09:00:00+03:00"); !got.Equal(want) {
		t.Errorf("on a moved day off: %v, want %v", got, want)
	}
	if policy("ru-collection").Hours.Holidays["2025-06-13"] {
		t.Error("the pack itself was changed")
	}
	us := Campaign{Window: w, Policy: policy("us").under(w)}
	if at := at("2025-06-13T20:30:00+03:00"); !us.allowed(&Lead{Zone: "Europe/Moscow"}, at).Equal(at) {
		t.Error("a holiday without hours of its own in the law closes the day")
	}
}

func TestCapsOfAnsweredCalls(t *testing.T) {
	c := Campaign{Window: Window{Days: everyDay(), Spans: hours(10, 20), Default: "Europe/Moscow"}, Policy: policy("ru-collection")}
	now := "2025-06-11T12:00:00+03:00" // Wednesday
	for name, s := range map[string]struct {
		calls []string
		want  string
	}{
		"none":                       {nil, now},
		"yesterday":                  {[]string{"2025-06-10T19:00:00+03:00"}, now},
		"today":                      {[]string{"2025-06-11T10:00:00+03:00"}, "2025-06-12T10:00:00+03:00"},
		"twice this week":            {[]string{"2025-06-10T19:00:00+03:00", "2025-06-09T19:00:00+03:00"}, "2025-06-16T10:00:00+03:00"},
		"twice, once on Sunday":      {[]string{"2025-06-10T19:00:00+03:00", "2025-06-08T19:00:00+03:00"}, now},
		"eight this month":           {[]string{"2025-06-08T19:00:00+03:00", "2025-06-07T19:00:00+03:00", "2025-06-06T19:00:00+03:00", "2025-06-05T19:00:00+03:00", "2025-06-04T19:00:00+03:00", "2025-06-03T19:00:00+03:00", "2025-06-02T19:00:00+03:00", "2025-06-01T19:00:00+03:00"}, "2025-07-01T10:00:00+03:00"},
		"an hour ago by another day": {[]string{"2025-06-10T23:59:00+03:00"}, now},
	} {
		l := Lead{}
		for _, call := range s.calls {
			l.Recent = append(l.Recent, at(call))
		}
		if got := c.allowed(&l, at(now)); !got.Equal(at(s.want)) {
			t.Errorf("%s: %v, want %s", name, got, s.want)
		}
	}
}

// A policy never opens what the window closes, and the moment named is allowed
// by every gate.
func TestPoliciesOnlyNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Campaign{Window: Window{Days: everyDay(), Spans: drawSpans(t, "spans"), Default: "Asia/Yekaterinburg"}}
		now := wednesday.Add(time.Duration(rapid.IntRange(0, 4e6).Draw(t, "now")) * time.Second)
		var l Lead
		for range rapid.IntRange(0, 8).Draw(t, "calls") {
			l.Recent = append(l.Recent, now.Add(-time.Duration(rapid.IntRange(0, 31*86400).Draw(t, "ago"))*time.Second))
		}
		free := c.allowed(&l, now)
		c.Policy = policy(rapid.SampledFrom(PolicyNames()).Draw(t, "policy")).under(c.Window)
		got := c.allowed(&l, now)
		if got.IsZero() {
			return
		}
		if got.Before(free) || !c.Window.Open(got, "") || !c.Policy.Hours.Open(got, "Asia/Yekaterinburg") {
			t.Fatalf("%v is allowed; without the policy %v", got, free)
		}
		if again := c.allowed(&l, got); !again.Equal(got) {
			t.Fatalf("%v is allowed and then it is not, but %v", got, again)
		}
	})
}
