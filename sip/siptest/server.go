package siptest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	sipgo "github.com/emiago/sipgo/sip"

	"dozvon/internal/reason"
	"dozvon/media"
	"dozvon/sip/siplib"
)

// Server is a simulated network of subscribers and operators.
type Server struct {
	cfg    Config
	addr   netip.AddrPort
	desk   *desk
	engine *media.Engine
	own    bool // the engine is ours to close
	sounds *sounds
	tp     *sipgo.TransportLayer
	tx     *sipgo.TransactionLayer
	ctx    context.Context // ends when the server closes
	cancel context.CancelFunc
	socks  []interface{ Close() error }
	serve  sync.WaitGroup
	nonce  string
	close  func() error
}

// Start listens and answers until ctx ends or Close is called.
func Start(ctx context.Context, c Config) (*Server, error) {
	c = c.withDefaults()
	s := &Server{cfg: c, desk: newDesk(c), engine: c.Media, nonce: newNonce()}
	s.sounds = newSounds(c.Sounds, c.Book.Files)
	if err := c.Book.check(s.sounds); err != nil {
		return nil, err
	}
	udp, tcp, err := listen(c)
	if err != nil {
		return nil, err
	}
	if s.engine == nil {
		s.own = true
		if s.engine, err = media.New(media.Config{IP: c.IP, PortMin: 10000, PortMax: 16383, Log: c.Log}); err != nil {
			return nil, errors.Join(fmt.Errorf("siptest: no media: %w", err), udp.Close(), closeIf(tcp))
		}
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.close = sync.OnceValue(s.shut)
	s.start(udp, tcp)
	context.AfterFunc(s.ctx, func() { _ = s.Close() })
	return s, nil
}

func closeIf(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// listen opens UDP and, if asked for, TCP on one port.
func listen(c Config) (*net.UDPConn, net.Listener, error) {
	const tries = 20
	var last error
	for range tries {
		udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(c.IP, uint16(c.Port))))
		if err != nil {
			return nil, nil, fmt.Errorf("siptest: cannot listen on UDP %s port %d: %w; name a free address of this machine", c.IP, c.Port, reason.Of(err))
		}
		_ = udp.SetReadBuffer(4 << 20) // a burst of calls fits; the kernel may grant less
		if !c.TCP {
			return udp, nil, nil
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp, nil
		}
		_ = udp.Close()
		last = fmt.Errorf("siptest: cannot listen on TCP %s: %w; name a free address of this machine", udp.LocalAddr(), reason.Of(err))
		if c.Port != 0 {
			break
		}
	}
	return nil, nil, last
}

// start brings up the transport, then the transactions over it.
func (s *Server) start(udp *net.UDPConn, tcp net.Listener) {
	s.addr = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	s.addr = netip.AddrPortFrom(s.addr.Addr().Unmap(), s.addr.Port())
	mute := slog.New(slog.DiscardHandler) // the library logs whole messages, numbers and credentials included
	s.tp = sipgo.NewTransportLayer(net.DefaultResolver, sipgo.NewParser(), nil,
		sipgo.WithTransportLayerLogger(mute), sipgo.WithTransportLayerReadFilter(s.tap))
	s.tp.OnMessage(stamp) // before the transactions see it
	s.tx = sipgo.NewTransactionLayer(s.tp, sipgo.WithTransactionLayerLogger(mute),
		sipgo.WithTransactionLayerUnhandledResponseHandler(func(*sipgo.Response) {}))
	s.tx.OnRequest(s.route)
	go s.desk.run()
	s.desk.note(Entry{What: Started, From: s.addr.String()})
	s.socks = append(s.socks, udp)
	s.serve.Go(func() { _ = s.tp.ServeUDP(udp) })
	if tcp != nil {
		s.socks = append(s.socks, tcp)
		s.serve.Go(func() { _ = s.tp.ServeTCP(tcp) })
	}
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// URI is the address of a number or an operator at this server.
func (s *Server) URI(user string) string {
	return "sip:" + user + "@" + net.JoinHostPort(s.addr.Addr().String(), strconv.Itoa(int(s.addr.Port())))
}

// Close ends every call (BYE, or 480 to those that ring), then the sockets.
// It may be called more than once.
func (s *Server) Close() error { return s.close() }

func (s *Server) shut() error {
	s.desk.ask(func() { s.desk.closing = true; s.desk.close() })
	s.cancel()
	<-s.desk.idle
	s.tx.Close()
	var errs []error
	for _, c := range s.socks {
		errs = append(errs, c.Close())
	}
	_ = s.tp.Close()
	s.serve.Wait()
	siplib.Close(s.tp)
	if s.own {
		errs = append(errs, s.engine.Close())
	}
	s.desk.note(Entry{What: Stopped})
	s.desk.stop()
	return errors.Join(errs...)
}

// Calls returns what was seen of every call, in the order of their first
// INVITEs, the running ones included.
func (s *Server) Calls() []CallRecord {
	var out []CallRecord
	read := func() {
		for _, h := range s.desk.order {
			out = append(out, h.CallRecord)
		}
	}
	s.read(read)
	return slices.Clip(out)
}

// Stats returns the counters.
func (s *Server) Stats() (st Stats) {
	s.read(func() { st = s.desk.stats.clone() })
	return st
}

// read runs f where nothing changes meanwhile: on the desk, or after its end.
func (s *Server) read(f func()) {
	if !s.desk.ask(f) {
		f()
	}
}
