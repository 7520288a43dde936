package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	gosip "github.com/emiago/sipgo/sip"

	"dozvon/internal/crew"
	"dozvon/sip/siplib"
)

// Endpoint owns the SIP sockets of a process and routes what comes to its
// legs. Its methods may be called from any goroutine.
type Endpoint struct {
	conf Config
	log  *slog.Logger
	addr netip.AddrPort
	from gosip.Addr // the UDP socket that every request leaves from
	udp  net.PacketConn
	sock *socket // udp behind the guard
	tcp  net.Listener
	tls  net.Listener // of operators' phones; nil: none
	feed *feed        // TLS connections for sipgo
	tpl  *gosip.TransportLayer
	txl  *gosip.TransactionLayer

	gates  gates
	names  resolver
	wires  wires
	logins logins
	legs   legs
	guard  *guard
	pings  pings
	crew   *crew.Crew // works on the legs

	farewells farewells

	sent, received tally
	serve          sync.WaitGroup
	life           context.Context // until Close; ends lookups and connections under way
	end            context.CancelFunc
	once           sync.Once
}

// Listen opens UDP, and TCP if asked, on the configured address and returns
// once both are ready for calls. The context ends nothing: use Close.
func Listen(ctx context.Context, c Config) (*Endpoint, error) {
	if !c.IP.IsValid() || c.IP.IsUnspecified() {
		return nil, fmt.Errorf("sip: %s is no address to be reached at: give the address of the interface that faces the trunk", c.IP)
	}
	if c.NoResponse <= 0 {
		c.NoResponse = 8 * time.Second
	}
	if c.Grace <= 0 {
		c.Grace = 2 * time.Second
	}
	if c.UserAgent = cleanText(c.UserAgent, 64); c.UserAgent == "" {
		c.UserAgent = "dozvon"
	}
	e := &Endpoint{conf: c, log: c.Log, crew: crew.New()}
	e.names.dns, e.names.six = net.DefaultResolver, c.IP.Unmap().Is6()
	if c.Resolver != nil {
		e.names.dns = c.Resolver
	}
	e.life, e.end = context.WithCancel(context.WithoutCancel(ctx))
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if err := e.listen(ctx); err != nil {
		e.end()
		return nil, err
	}
	e.hire()
	e.start()
	return e, nil
}

// listen binds the sockets. With port 0, TCP must get the port that UDP got; it
// may be taken, so a few ports are tried.
func (e *Endpoint) listen(ctx context.Context) error {
	err := e.listenTLS(ctx)
	if err != nil {
		return err
	}
	for range 20 {
		if err = e.bind(ctx); err == nil || e.conf.Port != 0 {
			break
		}
	}
	if err != nil {
		err = fmt.Errorf("sip: can't listen on %s: %w; is another program using the port?",
			netip.AddrPortFrom(e.conf.IP, uint16(e.conf.Port)), err)
		if e.tls != nil {
			err = errors.Join(err, e.tls.Close())
		}
	}
	return err
}

func (e *Endpoint) bind(ctx context.Context) error {
	lc := net.ListenConfig{Control: askForRefusals}
	udp, err := lc.ListenPacket(ctx, "udp", netip.AddrPortFrom(e.conf.IP, uint16(e.conf.Port)).String())
	if err != nil {
		return err
	}
	e.addr = udp.LocalAddr().(*net.UDPAddr).AddrPort()
	e.addr = netip.AddrPortFrom(e.addr.Addr().Unmap(), e.addr.Port())
	if e.conf.TCP {
		plain := net.ListenConfig{}
		if e.tcp, err = plain.Listen(ctx, "tcp", e.addr.String()); err != nil {
			return errors.Join(err, udp.Close())
		}
	}
	if u, ok := udp.(*net.UDPConn); ok {
		// Best effort: bursts of set-ups must wait in the kernel, not be lost.
		_ = u.SetReadBuffer(4 << 20)
		_ = u.SetWriteBuffer(4 << 20)
	}
	e.udp = udp
	return nil
}

// hire puts the guard at the door, and the registrar behind it.
func (e *Endpoint) hire() {
	e.guard = newGuard(&e.conf, &e.legs, e.addr, e.log)
	if e.conf.Registrar == nil {
		return
	}
	e.guard.registrar = newRegistrar(*e.conf.Registrar, e.guard)
	go e.guard.registrar.run()
}

// start hands the sockets to sipgo and waits until it knows them: a request
// sent before would open a second socket on the same port.
func (e *Endpoint) start() {
	quiet := slog.New(slog.DiscardHandler)
	e.tpl = gosip.NewTransportLayer(net.DefaultResolver, gosip.NewParser(), nil,
		gosip.WithTransportLayerLogger(quiet),
		gosip.WithTransportLayerTransports(gosip.TransportsConfig{TCP: &gosip.TransportTCP{
			WriteTimeout: dialTime,
			DialerCreate: func(local net.Addr) net.Dialer { return net.Dialer{Timeout: dialTime, LocalAddr: local} },
		}, TLS: &gosip.TransportTLS{TransportTCP: &gosip.TransportTCP{WriteTimeout: dialTime, DialerCreate: noDialer}}}))
	e.txl = gosip.NewTransactionLayer(e.tpl,
		gosip.WithTransactionLayerLogger(quiet),
		gosip.WithTransactionLayerTerminateOnConnClose(),
		gosip.WithTransactionLayerUnhandledResponseHandler(e.onStray))
	e.txl.OnRequest(e.onRequest)
	e.from = gosip.Addr{IP: e.addr.Addr().AsSlice(), Port: int(e.addr.Port())}
	registered := make(chan struct{})
	e.sock = &socket{PacketConn: e.udp, guard: e.guard, parser: gosip.NewParser(), reading: registered, refused: e.onRefused, sent: &e.sent, received: &e.received}
	e.serve.Go(func() { _ = e.tpl.ServeUDP(e.sock) })
	if e.tcp != nil {
		e.serve.Go(func() { _ = e.tpl.ServeTCP(e.guard.listen(e.tcp, "tcp")) })
	}
	e.startTLS()
	<-registered
}

// Addr returns the address and port that the endpoint listens on and writes
// into Via and Contact.
func (e *Endpoint) Addr() netip.AddrPort { return e.addr }

// Legs returns how many legs there are, those included that only linger to
// answer what may still come.
func (e *Endpoint) Legs() int { return e.legs.count() }

// Close unregisters from every trunk (at most about 2 s), hangs up every leg, waits until each has told Ended (at most the
// grace), and closes the sockets. Calls placed afterwards fail.
func (e *Endpoint) Close() error {
	var err error
	e.once.Do(func() {
		e.logins.close()
		e.end()
		for _, l := range e.legs.close() {
			l.box.Put(hangUp{why: "the program is ending"})
			l.box.Put(quitNow{})
		}
		e.legs.wait()
		if e.guard.registrar != nil {
			e.guard.registrar.close()
		}
		err = e.udp.Close()
		if e.tcp != nil {
			err = errors.Join(err, e.tcp.Close())
		}
		err = errors.Join(err, e.stopTLS())
		_ = e.tpl.Close() // closes connections; the listeners are closed already
		e.txl.Close()
		e.serve.Wait()
		e.crew.Dismiss()
		siplib.Close(e.tpl)
	})
	return err
}

// onRefused tells the legs and pings that wait for a first response from an
// address that it refuses datagrams.
func (e *Endpoint) onRefused(a netip.AddrPort) {
	for _, l := range e.legs.all() {
		l.fromFar(refusal{a})
	}
	e.pings.refused(a)
}

// legs holds every leg by its Call-ID.
type legs struct {
	mu     sync.RWMutex
	by     map[string]*Leg
	closed bool
	alive  sync.WaitGroup
}

// add registers a leg. It reports why it can't.
func (s *legs) add(l *Leg) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("the SIP endpoint is closed")
	}
	if s.by[l.m.id.callID] != nil {
		return fmt.Errorf("call %s was placed before: an INVITE never leaves twice", l.m.id.callID)
	}
	if s.by == nil {
		s.by = map[string]*Leg{}
	}
	s.by[l.m.id.callID] = l
	s.alive.Add(1)
	return nil
}

func (s *legs) remove(l *Leg) {
	s.mu.Lock()
	delete(s.by, l.m.id.callID)
	s.mu.Unlock()
	s.alive.Done()
}

func (s *legs) find(callID string) *Leg {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.by[callID]
}

func (s *legs) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.by)
}

// close refuses new legs and returns those that are there.
func (s *legs) close() []*Leg {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.list()
}

func (s *legs) all() []*Leg {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list()
}

func (s *legs) list() []*Leg {
	all := make([]*Leg, 0, len(s.by))
	for _, l := range s.by {
		all = append(all, l)
	}
	return all
}

func (s *legs) wait() { s.alive.Wait() }
