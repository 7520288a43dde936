package media

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Config is the setting of an engine.
type Config struct {
	IP      netip.Addr    // address that sockets bind to and that Local reports
	PortMin int           // first RTP port; 0 with PortMax 0: 16384 to 32766
	PortMax int           // last RTP port
	Wheels  int           // pacing wheels; 0: one per core
	Drain   time.Duration // how long a released port rests; 0: 3 s
	Log     *slog.Logger  // nil: silent
}

// Engine owns ports and wheels.
type Engine struct{}

// EngineStats sums up an engine.
type EngineStats struct{ Sessions int }

func New(c Config) (*Engine, error)                { return nil, errors.New("media: not built yet") }
func (e *Engine) Open(o Options) (*Session, error) { return nil, errors.New("media: not built yet") }
func (e *Engine) Stats() EngineStats               { return EngineStats{} }
func (e *Engine) Close() error                     { return nil }
