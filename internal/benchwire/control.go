package benchwire

import (
	"net/netip"
	"time"
)

// Order is what the benchmark asks of the far end, a line of JSON each on its
// standard input. Each is answered by a line of JSON: a Report.
type Order struct {
	// Do is one of: open (calls without SIP with those who receive at Peers),
	// drop (all calls), begin (count anew), press (key 1 in every call), end
	// (report).
	Do    string
	Peers []netip.AddrPort
}

// Report is what the far end saw since begin.
type Report struct {
	Local []netip.AddrPort // open: where the far end receives, a port per peer

	Calls               int // up now
	Invites, Acks, Byes int // since the far end started, repeats included
	Sent                uint64
	Packets             uint64 // received
	Missing, Disordered uint64
	Late                float64       // share of packets more than 5 ms after their time
	Worst               time.Duration // the latest
	P1, P50, P99        time.Duration // spacing of packets
	Changes             uint64        // prompts that followed another
	GapMedian, GapMost  time.Duration // silence between them
}

func report(t *tally, g *gaps) Report {
	r := Report{Packets: t.Packets, Missing: t.Missing, Disordered: t.Disordered, Worst: t.Worst,
		P1: t.spacing.quantile(0.01), P50: t.spacing.quantile(0.5), P99: t.spacing.quantile(0.99),
		Changes: g.changes, GapMedian: g.spread.quantile(0.5), GapMost: g.worst}
	if t.Packets > 0 {
		r.Late = float64(t.Late) / float64(t.Packets)
	}
	return r
}
