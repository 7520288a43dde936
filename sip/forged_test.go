package sip

import (
	"flag"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

var (
	forgedSources  = flag.Int("sources", 1000, "forged addresses of TestForgedAddresses")
	forgedMessages = flag.Int("messages", 20000, "datagrams of TestForgedAddresses")
)

// What a stranger sends costs no memory, from however many addresses it
// comes. By hand: -sources 50000 -messages 1000000.
func TestForgedAddresses(t *testing.T) {
	n := newNear(t, asRegistrar)
	before, resident := heap(), rss(t)
	each := *forgedMessages / *forgedSources
	for i := range *forgedSources {
		c, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, byte(1+i>>16), byte(i>>8), byte(i))}, net.UDPAddrFromAddrPort(n.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		for j := range each {
			_, _ = c.Write([]byte(floods(i*each+j, c.LocalAddr().String())))
		}
		c.Close()
	}
	// A friend is still heard, so all that came before him was read.
	friend := newFar(t, func(f *far, m packet) { f.reply(m, 200, "x", "", "") })
	if err := n.Ping(t.Context(), &Trunk{Name: "t", URI: "sip:u@" + friend.addr()}); err != nil {
		t.Error(err)
	}
	seen := n.Strangers()
	t.Logf("%d datagrams from %d addresses: %d answered, %d dropped; heap %+d KB, resident %+d KB; %d sources in the SIP library",
		*forgedMessages, *forgedSources, seen.Answered, seen.Dropped, (int64(heap())-int64(before))>>10, rss(t)-resident, n.tpl.Pool("udp").Size())
	if after := heap(); after > before+2<<20 {
		t.Errorf("the heap grew by %d KB", (after-before)>>10)
	}
	if pool := n.tpl.Pool("udp").Size(); pool > 2 {
		t.Errorf("the SIP library remembers %d sources", pool)
	}
}

// rss is the resident memory of this process in KB.
func rss(t *testing.T) int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b))
	pages, err := strconv.Atoi(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1024
}
