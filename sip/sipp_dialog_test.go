package sip

import (
	"slices"
	"testing"
	"time"

	"dozvon/audio"
	"dozvon/dialer"
)

// TestDialogsAgainstSIPp plays what goes on inside a dialog, and before it is
// one: the scripts check what we send, the cases what is told about it.
func TestDialogsAgainstSIPp(t *testing.T) {
	local := dialer.Cause{SIP: 200, Local: true}
	follow := func(c *Call) { c.Trunk.Follow = 2 }
	cases := []sippCase{
		{script: "prack"},
		{script: "prack", network: "tcp"},
		{script: "prack_challenged"},
		{script: "prack_cancel", ring: 300 * time.Millisecond, disposition: dialer.NoAnswer, cause: dialer.Cause{SIP: 487, Local: true}},
		{script: "extension_required"},
		{script: "early_update", answered: func(p *placed, e Event) {
			if e.Remote.Addr.Port() != 40100 {
				p.t.Errorf("answered with %+v", e.Remote)
			}
		}},
		{script: "update", before: func(p *placed) { held(p); resumed(p) }, farEnds: true},
		{script: "update", network: "tcp", before: func(p *placed) { held(p); resumed(p) }, farEnds: true},
		{script: "timer_422"},
		{script: "delayed_offer", before: held},
		{script: "codec_change", before: func(p *placed) {
			if e := p.until(Reoffered); e.Remote.Law != audio.ULaw {
				p.t.Errorf("agreed %+v", e.Remote)
			}
		}, farEnds: true},
		{script: "transfer", before: transferred("200", 100, 180, 200)},
		{script: "transfer", network: "tcp", before: transferred("200", 100, 180, 200)},
		{script: "transfer_refused", before: transferred("200", 603)},
		{script: "refer", change: func(c *Call) { c.AllowRefer = true }, before: func(p *placed) {
			if e := p.until(Referred); e.Target != "sip:300@127.0.0.1" {
				p.t.Errorf("target %q", e.Target)
			}
			p.Notify(200, true)
		}, farEnds: true},
		{script: "refer_declined", farEnds: true},
		{script: "redirect", change: follow},
		{script: "redirect", network: "tcp", change: follow},
		{script: "redirect_refused", change: follow, disposition: dialer.Unreachable, cause: dialer.Cause{SIP: 302}},
		{script: "strays", farEnds: true},
		{script: "retry_after", disposition: dialer.Unreachable, cause: dialer.Cause{SIP: 480, RetryAfter: 2 * time.Minute}},
		{script: "forks"},
		{script: "in_dialog_auth", before: func(p *placed) {
			transferred("200", 405)(p)
			transferred("200", 405)(p)
		}},
	}
	for _, c := range cases {
		if c.network == "" {
			c.network = "udp"
		}
		if c.disposition == "" {
			c.disposition, c.cause, c.hangUp = dialer.Answered, local, true
			c.cause.Local = !c.farEnds
		}
		t.Run(c.script+"/"+c.network, func(t *testing.T) { t.Parallel(); c.run(t) })
	}
}

func resumed(p *placed) {
	if e := p.until(Reoffered); e.Remote.Inactive {
		p.t.Errorf("resumed: %+v", e.Remote)
	}
}

// transferred asks for a transfer and wants these codes told of it.
func transferred(target string, codes ...int) func(p *placed) {
	return func(p *placed) {
		p.Refer(target)
		var got []int
		for {
			e := p.until(Transfer)
			got = append(got, e.Code)
			if e.Final {
				break
			}
		}
		if !slices.Equal(got, codes) {
			p.t.Errorf("the transfer went %v, want %v", got, codes)
		}
	}
}
