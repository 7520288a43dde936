package app

import (
	"fmt"
	"time"

	"dozvon/internal/benchwire"
	"dozvon/media"
)

// mediaFigures are what was found of n calls at once.
type mediaFigures struct {
	calls        int
	took         time.Duration
	cpu, bare    time.Duration // of a call-second
	memory       float64       // KB a call
	allocs       float64       // a packet sent
	late, ramp   media.Lateness
	saw, bareSaw benchwire.Report // by the far end's clock
	after        benchwire.Report // while prompts followed one another
	done         int              // calls whose key was heard and whose prompts were played
}

// Goals of calls that are up (docs/performance.md).
const (
	goalCallSecond = 900 * time.Microsecond
	goalBare       = 1.5
	goalMemory     = 40.0
	goalInTime     = 0.999
	goalAllocs     = 0.0005 // none; the rest is the benchmark's own
)

func (m *mediaFigures) print(b *bench) {
	say := func(goal bool, format string, args ...any) {
		mark := "  "
		if !goal {
			mark = "! "
		}
		fmt.Fprintf(b.out, mark+format+"\n", args...)
	}
	times := float64(m.cpu) / float64(max(m.bare, 1))
	cpu := m.cpu.Seconds() * 1000
	inTime := 1 - m.late.Over(5*time.Millisecond)
	also := ""
	if b.listener {
		also = ", and for who answers"
	}
	fmt.Fprintf(b.out, "\nmedia: %d calls at once for %s, each playing a prompt, listening for keys and voice energy%s\n", m.calls, m.took.Round(time.Second), also)
	say(m.cpu <= goalCallSecond, "CPU a call-second         %6.3f ms   %.2f of Asterisk 22 (%.1f ms), %.2f of FreeSWITCH 1.11 (%.1f ms)",
		cpu, cpu/asteriskCallSecond, asteriskCallSecond, cpu/freeswitchCallSecond, freeswitchCallSecond)
	say(times <= goalBare, "ratio to the bare loop    %6.2f      it only moves the same packets: %.3f ms in the same run", times, m.bare.Seconds()*1000)
	say(m.memory <= goalMemory, "memory a call             %6.1f KB   %.2f of Asterisk (%d KB), %.2f of FreeSWITCH (%d KB); resident, after a collection",
		m.memory, m.memory/asteriskMemory, asteriskMemory, m.memory/freeswitchMemory, freeswitchMemory)
	say(inTime >= goalInTime, "left within 5 ms          %6.3f %%    of packets of their time, by the wheel; while the calls were set up, 200 a second: %.3f %%",
		100*inTime, 100*(1-m.ramp.Over(5*time.Millisecond)))
	say(1-m.saw.Late >= goalInTime, "came within 5 ms          %6.3f %%    by the far end's kernel; the latest %s (bare loop: %.3f %%, %s)",
		100*(1-m.saw.Late), m.saw.Worst.Round(10*time.Microsecond), 100*(1-m.bareSaw.Late), m.bareSaw.Worst.Round(10*time.Microsecond))
	say(true, "spacing, 1st-99th         %s - %s   at the far end, median %s (bare loop: %s - %s)",
		ms(m.saw.P1), ms(m.saw.P99), ms(m.saw.P50), ms(m.bareSaw.P1), ms(m.bareSaw.P99))
	say(m.allocs <= goalAllocs, "allocations a packet      %6.4f", m.allocs)
	say(m.after.GapMost < 20*time.Millisecond, "gap between prompts       %s, at most %s, of %d that followed another, at the far end", ms(m.after.GapMedian), ms(m.after.GapMost), m.after.Changes)
	say(m.done == m.calls, "key heard in              %d of %d calls", m.done, m.calls)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }

// check tells whether what was measured is what was to be measured.
func (m *mediaFigures) check() error {
	switch {
	case m.done != m.calls:
		return fmt.Errorf("the key was heard in %d of %d calls only", m.done, m.calls)
	case m.saw.Calls != m.calls:
		return fmt.Errorf("%d calls are up at the far end", m.saw.Calls)
	case m.saw.Missing*1000 > m.saw.Packets:
		return fmt.Errorf("%d of %d packets never came to the far end", m.saw.Missing, m.saw.Packets)
	case m.after.Changes < uint64(m.calls*benchChanges):
		return fmt.Errorf("of %d prompts that follow another the far end heard %d", m.calls*benchChanges, m.after.Changes)
	}
	return nil
}
