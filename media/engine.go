package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Engine owns the RTP ports, the wheels that serve the sessions, and the
// writer of recordings.
type Engine struct {
	ip     netip.Addr
	log    *slog.Logger
	wheels []*wheel
	writer *writer
	own    bool // Config.OwnThreads

	mu     sync.Mutex // guards what follows
	ports  *portPool
	closed bool
}

// New starts an engine. Close stops it.
func New(c Config) (*Engine, error) {
	if !c.IP.IsValid() || c.IP.IsMulticast() {
		return nil, fmt.Errorf("media: %q is no address to receive RTP at; set the IP address that the far ends reach", c.IP)
	}
	if c.Drain == 0 {
		c.Drain = 3 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Wheels <= 0 {
		c.Wheels = runtime.GOMAXPROCS(0)
	}
	ports, err := newPortPool(c.PortMin, c.PortMax, c.Drain)
	if err != nil {
		return nil, err
	}
	e := &Engine{ip: c.IP.Unmap(), log: c.Log, ports: ports, writer: startWriter(c.Log)}
	if e.own = c.OwnThreads; e.own {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + c.Wheels)
	}
	for range c.Wheels {
		e.wheels = append(e.wheels, startWheel(e))
	}
	if e.own {
		giveWay()
	}
	return e, nil
}

// Open starts a session on a port of its own. It receives and sends from the
// moment SetRemote has told it where the far end is.
func (e *Engine) Open(o Options) (*Session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errors.New("media: the engine is closed")
	}
	sock, err := e.bind()
	if err != nil {
		return nil, err
	}
	w := e.wheels[0]
	for _, v := range e.wheels[1:] {
		if v.sessions.Load() < w.sessions.Load() {
			w = v
		}
	}
	s := newSession(w, sock, o)
	w.sessions.Add(1)
	w.later(func(time.Time) { w.put(s, unserved) })
	return s, nil
}

// bind finds a port that no other program holds.
func (e *Engine) bind() (*socket, error) {
	for range len(e.ports.free) {
		now := time.Now()
		port, err := e.ports.take(now)
		if err != nil {
			return nil, err
		}
		sock, err := listen(netip.AddrPortFrom(e.ip, port))
		if err == nil {
			return sock, nil
		}
		e.ports.release(port, now)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("media: cannot open an RTP port: %w", err)
		}
	}
	return nil, fmt.Errorf("media: other programs hold every RTP port of %d to %d that is free here; choose another range", e.ports.first, e.ports.last)
}

// released takes back the port of a session that has ended.
func (e *Engine) released(port uint16) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ports.release(port, time.Now())
}

// Close ends every session, waits until the recordings are on disk, and stops
// the engine. Calling it again does nothing.
func (e *Engine) Close() error {
	e.mu.Lock()
	again := e.closed
	e.closed = true
	e.mu.Unlock()
	if again {
		return nil
	}
	for _, w := range e.wheels {
		w.stop()
	}
	e.writer.stop()
	if e.own {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) - len(e.wheels))
	}
	return nil
}
