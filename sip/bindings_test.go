package sip

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	gosip "github.com/emiago/sipgo/sip"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func aTable() *bindings { return &bindings{max: 3, min: time.Minute, most: time.Hour} }

// reg is a REGISTER of ann; each contact is "user@host expires".
func reg(callID string, seq uint32, contacts ...string) registration {
	r := registration{user: "ann", callID: callID, seq: seq, transport: "udp", source: netip.MustParseAddrPort("192.0.2.7:5070")}
	for _, c := range contacts {
		var name string
		var expires int
		_, _ = fmt.Sscanf(c, "%s %d", &name, &expires)
		u, err := plainURI("sip:" + name)
		if err != nil {
			panic(err)
		}
		r.contacts = append(r.contacts, wanted{uri: u, expires: time.Duration(expires) * time.Second})
	}
	return r
}

func uris(t *bindings) (all []string) {
	for _, b := range t.by["ann"] {
		all = append(all, b.URI)
	}
	slices.Sort(all)
	return all
}

// A timeline of one account (RFC 3261 section 10.3).
func TestBindings(t *testing.T) {
	table, now := aTable(), noon
	for i, step := range []struct {
		after time.Duration
		r     registration
		code  int
		want  []string
	}{
		{0, reg("a", 1, "ann@one 600"), 200, []string{"sip:ann@one"}},
		{0, reg("a", 2), 200, []string{"sip:ann@one"}}, // asks only
		{time.Second, reg("b", 1, "ann@two 30"), 423, []string{"sip:ann@one"}},
		{0, reg("b", 2, "ann@two 60"), 200, []string{"sip:ann@one", "sip:ann@two"}},
		{0, reg("a", 1, "ann@one 900"), 500, []string{"sip:ann@one", "sip:ann@two"}},                         // older
		{0, reg("a", 2, "ann@three 600", "ann@one 0"), 200, []string{"sip:ann@three", "sip:ann@two"}},        // moved
		{0, reg("b", 2, "ann@four 600", "ann@two 0"), 500, []string{"sip:ann@three", "sip:ann@two"}},         // all or none
		{59 * time.Second, reg("c", 1), 200, []string{"sip:ann@three", "sip:ann@two"}},                       // still there
		{time.Second, reg("c", 2), 200, []string{"sip:ann@three"}},                                           // two ran out
		{0, reg("c", 3, "ann@1 600", "ann@2 600", "ann@3 600", "ann@4 600"), 403, []string{"sip:ann@three"}}, // too many
		{time.Second, reg("c", 4, "ann@1 600"), 200, []string{"sip:ann@1", "sip:ann@three"}},
		{time.Second, reg("d", 1, "ann@2 600"), 200, []string{"sip:ann@1", "sip:ann@2", "sip:ann@three"}},
		{time.Second, reg("e", 1, "ann@3 99999"), 200, []string{"sip:ann@1", "sip:ann@2", "sip:ann@3"}}, // the oldest makes room
		{0, registration{user: "ann", callID: "e", seq: 1, all: true}, 500, []string{"sip:ann@1", "sip:ann@2", "sip:ann@3"}},
		{time.Hour - time.Second, reg("f", 1), 200, []string{"sip:ann@3"}}, // shortened to an hour
		{0, registration{user: "ann", callID: "f", seq: 2, all: true}, 200, nil},
	} {
		now = now.Add(step.after)
		no, _ := table.apply(now, step.r)
		if got := uris(table); no.code != step.code || !slices.Equal(got, step.want) {
			t.Errorf("step %d: %d, %v; want %d, %v", i, no.code, got, step.code, step.want)
		}
	}
	if len(table.by) != 0 || !table.next().IsZero() {
		t.Errorf("the table keeps %v", table.by)
	}
}

// A phone that was restarted has another Contact and the same instance.
func TestRestartedPhoneReplacesItself(t *testing.T) {
	table := aTable()
	for i := range 3 {
		r := reg(fmt.Sprint(i), 1, fmt.Sprintf("ann@10.0.0.1:%d 600", 1000+i))
		r.contacts[0].instance = "urn:uuid:1"
		if no, changed := table.apply(noon, r); no.code != 200 || !changed {
			t.Errorf("%d, changed %v", no.code, changed)
		}
	}
	if got := uris(table); len(got) != 1 || got[0] != "sip:ann@10.0.0.1:1002" {
		t.Errorf("%v", got)
	}
	if no, changed := table.apply(noon.Add(time.Minute), reg("3", 1, "ann@10.0.0.1:1002 600")); no.code != 200 || changed {
		t.Errorf("a refresh: %d, changed %v", no.code, changed)
	}
}

func TestLostConnection(t *testing.T) {
	table := aTable()
	r := reg("a", 1, "ann@one 600")
	r.transport = "tcp"
	_, _ = table.apply(noon, r)
	if users := table.lost("udp", r.source); users != nil {
		t.Errorf("%v", users)
	}
	if users := table.lost("tcp", r.source); !slices.Equal(users, []string{"ann"}) || len(table.by) != 0 {
		t.Errorf("%v, %v", users, table.by)
	}
}

// Whatever registers, an account has no more devices than it may, none of
// them is dead, and the next moment is the first one that runs out.
func TestBindingsHold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		table, now := aTable(), noon
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(rt, "seconds")) * time.Second)
			r := reg(rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "id"), uint32(rapid.IntRange(1, 9).Draw(rt, "seq")))
			for range rapid.IntRange(0, 4).Draw(rt, "contacts") {
				r.contacts = append(r.contacts, wanted{uri: gosip.Uri{Scheme: "sip", Host: rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}).Draw(rt, "host")},
					instance: rapid.SampledFrom([]string{"", "i", "j"}).Draw(rt, "instance"),
					expires:  time.Duration(rapid.SampledFrom([]int{0, 30, 60, 4000}).Draw(rt, "expires")) * time.Second})
			}
			r.all = rapid.IntRange(0, 9).Draw(rt, "all") == 0
			before := uris(table)
			no, changed := table.apply(now, r)
			after := uris(table)
			if no.code != 200 && changed {
				rt.Fatalf("refused with %d and changed", no.code)
			}
			if len(after) > table.max || changed && slices.Equal(before, after) && len(r.contacts) == 0 && !r.all {
				rt.Fatalf("%v became %v", before, after)
			}
			first := table.next()
			for _, b := range table.by["ann"] {
				if !now.Before(b.Until) || b.Until.Sub(now) > table.most || b.Until.Before(first) {
					rt.Fatalf("until %s at %s", b.Until, now)
				}
			}
			if len(after) > 0 != !first.IsZero() {
				rt.Fatalf("%v, next %s", after, first)
			}
		}
	})
}
