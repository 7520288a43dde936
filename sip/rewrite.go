package sip

import "strings"

// Rewritten is a number as the trunk is asked for it.
func (t *Trunk) Rewritten(number string) string { return cleanUser(rewrite(t.Rewrite, number)) }

// rewrite applies the first rule that matches a number. A rule that would
// strip more than there is strips everything: what it adds is then the whole
// number.
func rewrite(rules []Rewrite, number string) string {
	for _, r := range rules {
		if strings.HasPrefix(number, r.Match) {
			return r.Add + number[min(max(r.Strip, 0), len(number)):]
		}
	}
	return number
}
