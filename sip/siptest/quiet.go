package siptest

import (
	"log/slog"

	sipgo "github.com/emiago/sipgo/sip"
)

// The library has one logger for what belongs to no server; it writes to
// standard error by default, where it would stand amid a command's output.
func init() { sipgo.SetDefaultLogger(slog.New(slog.DiscardHandler)) }
