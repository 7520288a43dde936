package sip

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Limits on connections that others open.
const (
	maxStreams       = 1024 // of all strangers
	maxFriendStreams = 4096 // of all, so that strangers can't shut out friends
	maxPerSource     = 64   // an office of phones behind one address
	strangerIdle     = 30 * time.Second
	messageTime      = 10 * time.Second // for one message to come whole
	writeTime        = 4 * time.Second
	acceptPause      = 50 * time.Millisecond
)

// doorway is a listener that lets only so many in, each through the guard.
type doorway struct {
	net.Listener
	guard     *guard
	transport string
}

// listen puts the guard in front of a listener. What comes out of it is for
// the SIP library; transport is tcp or tls.
func (g *guard) listen(l net.Listener, transport string) net.Listener {
	return &doorway{Listener: l, guard: g, transport: transport}
}

// Accept implements net.Listener. sipgo stops listening at the first error;
// here only closing ends it, and want of file descriptors is waited out.
func (d *doorway) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil {
			time.Sleep(acceptPause)
			continue
		}
		src, err := netip.ParseAddrPort(c.RemoteAddr().String())
		src = netip.AddrPortFrom(src.Addr().Unmap(), src.Port())
		if err != nil || !d.guard.enter(time.Now(), src) {
			_ = c.Close()
			continue
		}
		return &guest{Conn: c, guard: d.guard, src: src, transport: d.transport}, nil
	}
}

// enter counts a connection in, if its source may have one more.
func (g *guard) enter(now time.Time, src netip.AddrPort) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	key, friend := sourceOf(src.Addr()), g.isFriend(now, src.Addr())
	most, each := maxStreams, maxPerSource
	if friend {
		most, each = maxFriendStreams, maxFriendStreams
	}
	if g.total >= most || g.conns[key] >= each || !g.within(now, src.Addr(), friend) {
		atomic.AddInt64(&g.news.Refused, 1)
		return false
	}
	g.conns[key]++
	g.total++
	atomic.AddInt64(&g.news.Connections, 1)
	return true
}

// leave counts a connection out.
func (g *guard) leave(src netip.AddrPort, transport string) {
	key := sourceOf(src.Addr())
	g.mu.Lock()
	if g.conns[key]--; g.conns[key] <= 0 {
		delete(g.conns, key)
	}
	g.total--
	g.mu.Unlock()
	atomic.AddInt64(&g.news.Connections, -1)
	if g.registrar != nil {
		g.registrar.lost(transport, src)
	}
}

func (g *guard) friendly(now time.Time, a netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.isFriend(now, a)
}

// guest is a connection that somebody opened, as sipgo sees it: each Read
// brings one whole message that the guard lets in, or a part of it.
type guest struct {
	net.Conn
	guard     *guard
	src       netip.AddrPort
	transport string
	once      sync.Once

	// Owned by the reader.
	in    []byte    // came, not judged yet
	out   []byte    // judged, not read yet
	begun time.Time // when the message under way began
}

// Read implements net.Conn. Its error ends the connection.
func (s *guest) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		more, err := s.next(time.Now())
		if err == nil && more {
			err = s.fill()
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, s.out)
	if s.out = s.out[n:]; len(s.out) == 0 {
		s.out = nil
	}
	return n, nil
}

// next judges what has come. more is true if nothing more can be judged
// before more comes.
func (s *guest) next(now time.Time) (more bool, err error) {
	empty, size, err := frame(s.in)
	if err != nil {
		// Whoever sends this is told so if that can be done (RFC 4475 section
		// 3.1.2.2), and then has no message boundary left.
		if judged, _ := s.guard.judge(now, s.src, s.in[empty:]); judged == answerIt {
			s.guard.consider(now, s.src, s.transport, s.in[empty:], s.send)
		}
		atomic.AddInt64(&s.guard.news.Refused, 1)
		return false, err
	}
	if size == 0 {
		s.pong(empty)
		return true, nil
	}
	msg := s.in[empty:size]
	judged, leg := s.guard.judge(now, s.src, msg)
	switch judged {
	case passIt:
		if leg != nil && bytes.HasPrefix(msg, []byte("SIP/2.0 180 ")) {
			branch := findBranch(msg)
			leg.bell.Store(&branch)
		}
		s.out = append([]byte(nil), msg...)
	case answerIt:
		s.guard.consider(now, s.src, s.transport, msg, s.send)
	default:
		if !s.guard.friendly(now, s.src.Addr()) {
			atomic.AddInt64(&s.guard.news.Refused, 1)
			return false, errTooMuch
		}
	}
	s.in, s.begun = append(s.in[:0], s.in[size:]...), time.Time{}
	return false, nil
}

var errTooMuch = errors.New("too many messages of a stranger on one connection")

// pong drops the empty lines between messages and answers a keep-alive (RFC
// 5626 section 3.5.1).
func (s *guest) pong(empty int) {
	if empty == 0 {
		return
	}
	if empty >= 4 {
		s.send([]byte("\r\n"), s.src)
	}
	s.in = append(s.in[:0], s.in[empty:]...)
}

// fill reads more. A stranger may be silent for a while only, and nobody may
// take long over one message.
func (s *guest) fill() error {
	now := time.Now()
	limit := time.Time{}
	switch {
	case len(s.in) > 0:
		if s.begun.IsZero() {
			s.begun = now
		}
		limit = s.begun.Add(messageTime)
	case !s.guard.friendly(now, s.src.Addr()):
		limit = now.Add(strangerIdle)
	}
	if err := s.SetReadDeadline(limit); err != nil {
		return err
	}
	have := len(s.in)
	s.in = append(s.in, make([]byte, 4096)...)
	n, err := s.Conn.Read(s.in[have:])
	s.in = s.in[:have+n]
	if n > 0 {
		return nil
	}
	if len(s.in) == 0 {
		s.in = nil
	}
	return err
}

// send writes an answer of the guard.
func (s *guest) send(msg []byte, _ netip.AddrPort) {
	if s.SetWriteDeadline(time.Now().Add(writeTime)) == nil {
		_, _ = s.Write(msg)
	}
}

// Close implements net.Conn.
func (s *guest) Close() error {
	s.once.Do(func() { s.guard.leave(s.src, s.transport) })
	return s.Conn.Close()
}
