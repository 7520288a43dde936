package sip

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"dozvon/dialer"
)

var update = flag.Bool("update", false, "write causes.md anew")

func TestInterpret(t *testing.T) {
	for _, c := range []struct {
		code, q850 int
		rang       bool
		want       dialer.Disposition
	}{
		{486, 0, true, dialer.Busy},
		{486, 34, true, dialer.Busy}, // firm
		{600, 0, false, dialer.Busy},
		{480, 0, false, dialer.Unreachable},
		{480, 19, true, dialer.NoAnswer},
		{480, 20, false, dialer.Unreachable},
		{480, 17, false, dialer.Busy}, // the network's word beats a generic status
		{480, 16, false, dialer.Unreachable},
		{480, 31, false, dialer.Unreachable},
		{480, 99, false, dialer.Unreachable},
		{404, 0, false, dialer.Invalid},
		{404, 1, false, dialer.Invalid},
		{404, 3, false, dialer.Unreachable},
		{484, 0, false, dialer.Invalid},
		{410, 0, false, dialer.Invalid},
		{604, 0, false, dialer.Invalid},
		{603, 0, true, dialer.Declined},
		{603, 17, true, dialer.Busy},
		{607, 17, true, dialer.Declined},
		{608, 0, false, dialer.Declined},
		{403, 21, false, dialer.Declined},
		{403, 0, false, dialer.Failed},
		{408, 0, true, dialer.NoAnswer},
		{408, 0, false, dialer.Unreachable},
		{408, 18, true, dialer.NoAnswer},
		{504, 18, false, dialer.Unreachable},
		{487, 0, true, dialer.NoAnswer},
		{500, 0, false, dialer.Congestion},
		{503, 34, false, dialer.Congestion},
		{503, 17, true, dialer.Busy},
		{599, 0, false, dialer.Congestion},
		{499, 0, false, dialer.Failed},
		{699, 0, false, dialer.Declined},
		{302, 0, false, dialer.Unreachable},
	} {
		if got, words := interpret(c.code, c.q850, c.rang); got != c.want || words == "" {
			t.Errorf("%d with Q.850 %d, rang %v: %s (%s), want %s", c.code, c.q850, c.rang, got, words, c.want)
		}
	}
}

func TestTrunkFailure(t *testing.T) {
	for _, c := range []struct {
		code, q850               int
		provisional, credentials bool
		want                     dialer.TrunkFailure
	}{
		{503, 0, false, false, dialer.TrunkUnavailable},
		{503, 0, true, false, dialer.TrunkOK},   // beyond the trunk
		{503, 34, false, false, dialer.TrunkOK}, // the network's own word
		{401, 0, true, true, dialer.TrunkRejected},
		{407, 0, false, false, dialer.TrunkRejected},
		{403, 0, false, true, dialer.TrunkRejected},
		{403, 0, false, false, dialer.TrunkOK},
		{403, 0, true, true, dialer.TrunkOK},
		{500, 0, false, false, dialer.TrunkOK},
	} {
		if got := trunkFailure(c.code, c.q850, c.provisional, c.credentials); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// causes.md is the table for people; it may not differ from the one that
// decides.
func TestDocumentedCauses(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What an answer of the network means\n\nWritten from cause.go by its test (`go test ./sip -run Documented -update`).\n" +
		"A Q.850 cause in the Reason header wins over the SIP status unless the status is firm. Sources: [3261] RFC 3261 section 21; " +
		"[3398] RFC 3398; [Q.850] ITU-T Q.850 2.2.7; [8197], [8688] the RFCs; [field] what carriers are seen to send.\n\n" +
		"| SIP | disposition | firm | in words | source |\n|---|---|---|---|---|\n")
	seen := map[int]bool{}
	for _, m := range sipCauses {
		if !m.disposition.Known() || seen[m.code] {
			t.Errorf("row %d is wrong or there twice", m.code)
		}
		seen[m.code] = true
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", m.code, m.disposition, map[bool]string{true: "yes"}[m.firm], m.words, m.source)
	}
	for _, m := range sipClasses {
		fmt.Fprintf(&b, "| other %dxx | %s | | %s | %s |\n", m.code, m.disposition, m.words, m.source)
	}
	b.WriteString("\n| Q.850 | disposition | in words | source |\n|---|---|---|---|\n")
	for _, m := range q850Causes {
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", m.code, m.disposition, m.words, m.source)
	}
	if *update {
		if err := os.WriteFile("causes.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile("causes.md"); err != nil || string(have) != b.String() {
		t.Errorf("causes.md is not what cause.go says (%v): run the test with -update", err)
	}
}
