package sip

import (
	"cmp"
	"slices"
	"strings"

	gosip "github.com/emiago/sipgo/sip"
)

// detours are where a call may go besides its own number, after 3xx answers (RFC
// 3261 section 8.1.3.4). A redirection is somebody else's wish that we call a
// number of his choice: it is followed only if the trunk allows it, only at
// the trunk's own host or proxy, so that the INVITE still goes where it went
// before, and only to a number that the call permits.
type detours struct {
	followed int         // 3xx answers so far
	taken    []gosip.Uri // Request-URIs after the first; the last one is in use
	open     []gosip.Uri // not tried yet, best first
}

// uri is the Request-URI of the INVITE now.
func (m *machine) uri() gosip.Uri {
	if n := len(m.detours.taken); n > 0 {
		return m.detours.taken[n-1]
	}
	return m.plan.uri
}

// redirected takes the contacts of a 3xx and reports whether the INVITE goes
// to one of them. 305 and 380 mean other things than another address.
func (m *machine) redirected(r *response) bool {
	if r.code == 305 || r.code == 380 || m.detours.followed >= m.plan.follow {
		return false
	}
	m.detours.followed++
	slices.SortStableFunc(r.contacts, func(a, b contact) int { return cmp.Compare(b.q, a.q) })
	var fresh []gosip.Uri
	for _, c := range r.contacts {
		if u, ok := m.acceptable(c.uri); ok {
			fresh = append(fresh, u)
		}
	}
	m.detours.open = append(fresh, m.detours.open...) // those of the last answer come first
	if m.nextDetour() {
		return true
	}
	r.said = firstOf(r.said, "forwarded to where the trunk does not let us follow")
	return false
}

// otherDetour tries the next contact of a 3xx after one that failed. Nobody is
// called anew once a phone has rung, and a refusal for everywhere is one.
func (m *machine) otherDetour(r *response) bool {
	if m.rang || r.code/100 == 6 || len(m.detours.taken) == 0 {
		return false
	}
	return m.nextDetour()
}

func (m *machine) nextDetour() bool {
	for len(m.detours.open) > 0 && len(m.detours.taken) < maxDetours {
		u := m.detours.open[0]
		m.detours.open = m.detours.open[1:]
		if !m.visited(u) {
			m.detours.taken = append(m.detours.taken, u)
			m.asked = asks{}
			return true
		}
	}
	return false
}

// maxDetours bounds the INVITEs of one call after redirections.
const maxDetours = 8

// acceptable makes a Request-URI of a contact, if the call may go there.
func (m *machine) acceptable(u gosip.Uri) (gosip.Uri, bool) {
	if u.Scheme != m.plan.uri.Scheme || u.User == "" || !slices.Contains(m.plan.hosts, strings.ToLower(u.Host)) {
		return u, false
	}
	u = requestURI(u)
	if _, err := uriTransport(&u); err != nil {
		return u, false
	}
	return u, m.plan.permit == nil || m.plan.permit(u.User)
}

// visited recognises a loop: the INVITE has been there.
func (m *machine) visited(u gosip.Uri) bool {
	same := func(a gosip.Uri) bool {
		return a.User == u.User && strings.EqualFold(a.Host, u.Host) && a.Port == u.Port
	}
	return same(m.plan.uri) || slices.ContainsFunc(m.detours.taken, same)
}
