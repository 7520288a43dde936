package app

import (
	"cmp"
	"io"
	"log/slog"
)

// newLog writes lines of a level and above; usual is the command's own where
// the configuration names none. A run tells its course by --progress, so that
// its log is for warnings; a service has nothing else.
func newLog(out io.Writer, level, usual string) *slog.Logger {
	var l slog.Level
	if l.UnmarshalText([]byte(cmp.Or(level, usual))) != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: l}))
}
