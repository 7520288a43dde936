package sip

import "testing"

func TestRewrite(t *testing.T) {
	russian := []Rewrite{{Match: "+7800", Strip: 2, Add: "8"}, {Match: "+7", Strip: 1}, {Match: "", Strip: 1, Add: "810"}}
	for _, c := range []struct {
		name   string
		rules  []Rewrite
		number string
		want   string
	}{
		{"no rules", nil, "+79161234567", "+79161234567"},
		{"the first that matches", russian, "+78001234567", "88001234567"},
		{"the plus goes", russian, "+79161234567", "79161234567"},
		{"every other number", russian, "+4930123456", "8104930123456"},
		{"none matches", []Rewrite{{Match: "+1", Strip: 2}}, "+79161234567", "+79161234567"},
		{"a tech prefix", []Rewrite{{Add: "9#"}}, "+79161234567", "9#+79161234567"},
		{"more than there is", []Rewrite{{Strip: 99, Add: "112"}}, "+79", "112"},
		{"less than nothing", []Rewrite{{Strip: -3}}, "+79", "+79"},
	} {
		if got := rewrite(c.rules, c.number); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What a rule makes of a number passes the same cleaning as any number, and
// a SIP URI is nobody's to rewrite.
func TestRewrittenNumbersAreCleaned(t *testing.T) {
	e := &Endpoint{}
	for _, c := range []struct{ to, want string }{
		{"+79161234567", "sip:9%23%20x79161234567@trunk.example"}, // control characters are dropped
		{"sip:+79161234567@pbx.example", "sip:+79161234567@pbx.example"},
		{"SIP:+79161234567@pbx.example", "sip:+79161234567@pbx.example"},
	} {
		l := &Leg{e: e}
		trunk := &Trunk{Name: "t", URI: "sip:trunk.example", Rewrite: []Rewrite{{Match: "+7", Strip: 1, Add: "9# \r\nx"}}}
		err := l.routeOf(Call{Trunk: trunk, To: c.to})
		if got := l.m.plan.uri.String(); err != nil || got != c.want {
			t.Errorf("%s becomes %s (%v), want %s", c.to, got, err, c.want)
		}
	}
}
