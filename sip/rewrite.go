package sip

import "strings"

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
