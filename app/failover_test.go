package app

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

const onlyRings = `
version: 1
name: rings
language: en
purpose: service
policy: none
lead: {name: {type: name, required: true, label: Name}}
call: {ring: 30s}
retry: {total: 2, rules: [{on: [no_answer], days: [{attempts: 1}], finish: lost}]}
lists: {reached: Reached, lost: Lost}
dialogue: {hello: [{finish: reached}]}
hangup: [{finish: lost}]
`

// Nobody listens at the first trunk: each call goes on to the second one at
// once, as an attempt of its own, the number of attempts counts one, and the
// far end sees one INVITE a person. A number outside the limits becomes no lead.
func TestCallsGoOnToTheNextTrunk(t *testing.T) {
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	dead := closed.LocalAddr().String()
	closed.Close()
	scenario := filepath.Join(t.TempDir(), "scenario.yaml")
	write(t, scenario, onlyRings)
	tr := trial{
		scenario: scenario, titles: []string{"phone", "name", zoneTitle},
		book:   "default: {kind: answers, ring: 10ms}\n",
		trunks: fmt.Sprintf("{name: dead, uri: 'sip:robot@%s', caller_ids: ['+74951111111']}, ", dead),
		config: "limits: {allow: ['+7'], calls_per_hour: 100}\n",
	}
	for n := range 5 {
		tr.rows = append(tr.rows, []string{fmt.Sprintf("+7916123450%d", n), "Ann", "Europe/Moscow"})
	}
	tr.rows = append(tr.rows, []string{"+375291234567", "Boris", "Europe/Minsk"})
	o := tr.run(t)
	if len(o.leads) != 5 {
		t.Errorf("%d leads", len(o.leads))
	}
	for phone, l := range o.leads {
		if l.List != "reached" || l.Attempts != "1" {
			t.Errorf("%s: %+v", phone, l)
		}
	}
	routes, failed := map[string]string{}, 0
	for _, row := range readCSV(t, filepath.Join(o.dir, "attempts.csv")) {
		routes[row["phone_e164"]] += row["trunk"] + " "
		switch row["trunk"] {
		case "dead":
			if failed++; row["caller_id"] != "+74951111111" || !strings.Contains(row["cause"], "trunk unreachable") || row["loss"] != "" {
				t.Errorf("%v", row)
			}
		default:
			if row["caller_id"] != "+74950000000" || row["disposition"] != "answered" {
				t.Errorf("%v", row)
			}
		}
	}
	for phone, route := range routes {
		if route != "far " && route != "dead far " {
			t.Errorf("%s went %s", phone, route)
		}
	}
	if failed == 0 || len(o.far) != 5 {
		t.Errorf("%d calls failed at the first trunk, %d people were called", failed, len(o.far))
	}
	if bad := readCSV(t, filepath.Join(o.dir, "rejected_rows.csv")); len(bad) != 1 || !strings.Contains(bad[0]["reason"], "limits.allow") {
		t.Errorf("rejected %v", bad)
	}
}
