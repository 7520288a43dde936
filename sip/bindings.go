package sip

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	gosip "github.com/emiago/sipgo/sip"
)

// bindings is the table of registered phones (RFC 3261 section 10.3): pure,
// time is given.
type bindings struct {
	max       int           // devices of one account
	min, most time.Duration // of a binding
	by        map[string][]binding
}

// binding is one phone of an account.
type binding struct {
	Device
	key      string // by which Contacts are compared
	instance string // +sip.instance (RFC 5626 section 4.1), "" if the phone has none
	callID   string
	seq      uint32
	since    time.Time // last refresh
}

// registration is a REGISTER whose sender is known to be who he says.
type registration struct {
	user      string
	callID    string
	seq       uint32
	source    netip.AddrPort
	transport string
	agent     string
	contacts  []wanted
	all       bool // Contact: * with Expires: 0
}

// wanted is one Contact of a REGISTER.
type wanted struct {
	uri      gosip.Uri
	instance string
	expires  time.Duration // 0: the binding goes
}

// apply changes an account's bindings as a REGISTER asks, all or none of
// them. changed tells whether the set of phones is another one now.
func (t *bindings) apply(now time.Time, r registration) (no refused, changed bool) {
	t.expire(now)
	have := t.by[r.user]
	if r.all {
		return t.clear(r, have)
	}
	next := slices.Clone(have)
	for _, w := range r.contacts {
		if w.expires > 0 && w.expires < t.min {
			return refused{423, "Interval Too Brief", []gosip.Header{gosip.NewHeader("Min-Expires", seconds(t.min))}}, false
		}
		key := contactKey(&w.uri)
		at := slices.IndexFunc(next, func(b binding) bool {
			return b.key == key || w.instance != "" && b.instance == w.instance
		})
		if at >= 0 && stale(&next[at], &r) {
			return outOfOrder, false
		}
		if at >= 0 {
			next = slices.Delete(next, at, at+1)
		}
		if w.expires > 0 {
			next = append(next, bind(now, &r, &w, key, min(w.expires, t.most)))
		}
	}
	if len(r.contacts) > t.max {
		return refused{code: 403, reason: "Too Many Contacts"}, false
	}
	// A phone that was restarted often leaves a dead binding behind, so the
	// one that was not refreshed for the longest time makes room.
	slices.SortStableFunc(next, func(a, b binding) int { return a.since.Compare(b.since) })
	next = next[max(0, len(next)-t.max):]
	t.put(r.user, next)
	return refused{code: 200, reason: "OK"}, !slices.EqualFunc(sorted(have), sorted(next), samePhone)
}

var outOfOrder = refused{code: 500, reason: "Out Of Order"}

// stale reports whether a REGISTER is older than what made the binding:
// within one Call-ID, CSeq grows (section 10.3, step 7).
func stale(b *binding, r *registration) bool { return b.callID == r.callID && r.seq <= b.seq }

func (t *bindings) clear(r registration, have []binding) (refused, bool) {
	for i := range have {
		if stale(&have[i], &r) {
			return outOfOrder, false
		}
	}
	t.put(r.user, nil)
	return refused{code: 200, reason: "OK"}, len(have) > 0
}

func (t *bindings) put(user string, list []binding) {
	if t.by == nil {
		t.by = map[string][]binding{}
	}
	if len(list) == 0 {
		delete(t.by, user)
		return
	}
	t.by[user] = list
}

func bind(now time.Time, r *registration, w *wanted, key string, expires time.Duration) binding {
	return binding{
		Device: Device{URI: w.uri.String(), Transport: r.transport, Source: r.source, Agent: r.agent, Until: now.Add(expires)},
		key:    key, instance: w.instance, callID: r.callID, seq: r.seq, since: now,
	}
}

func sorted(list []binding) []binding {
	return slices.SortedFunc(slices.Values(list), func(a, b binding) int { return cmp.Compare(a.key, b.key) })
}

func samePhone(a, b binding) bool {
	return a.key == b.key && a.Source == b.Source && a.Transport == b.Transport
}

// expire drops what has run out and returns the accounts that lost a phone.
func (t *bindings) expire(now time.Time) []string {
	return t.dropIf(func(b *binding) bool { return !now.Before(b.Until) })
}

// lost drops the phones behind a connection that is gone: nobody can open it
// anew from this side.
func (t *bindings) lost(transport string, source netip.AddrPort) []string {
	return t.dropIf(func(b *binding) bool { return b.Transport == transport && b.Source == source })
}

func (t *bindings) dropIf(gone func(*binding) bool) []string {
	var users []string
	for user, list := range t.by {
		var kept []binding
		for i := range list {
			if !gone(&list[i]) {
				kept = append(kept, list[i])
			}
		}
		if len(kept) < len(list) {
			users = append(users, user)
			t.put(user, kept)
		}
	}
	slices.Sort(users)
	return users
}

// next is when the first binding runs out; zero: there is none.
func (t *bindings) next() time.Time {
	var first time.Time
	for _, list := range t.by {
		for i := range list {
			if first.IsZero() || list[i].Until.Before(first) {
				first = list[i].Until
			}
		}
	}
	return first
}

// devices returns the phones of all accounts, the last refreshed one first,
// and their sources.
func (t *bindings) devices() (map[string][]Device, map[netip.AddrPort]bool) {
	all, sources := map[string][]Device{}, map[netip.AddrPort]bool{}
	for user, list := range t.by {
		for i := len(list) - 1; i >= 0; i-- {
			all[user] = append(all[user], list[i].Device)
			sources[list[i].Source] = true
		}
	}
	return all, sources
}

// contactKey is what two URIs of one phone have in common (RFC 3261 section
// 19.1.4, as far as it matters for phones).
func contactKey(u *gosip.Uri) string {
	transport, _ := u.UriParams.Get("transport")
	return strings.ToLower(u.Scheme) + ":" + u.User + "@" + strings.ToLower(u.HostPort()) + ";" + strings.ToLower(transport)
}
