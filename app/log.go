package app

import (
	"io"
	"log/slog"
)

// newLog writes warnings and worse to the terminal, and more if asked for.
func newLog(out io.Writer, level string) *slog.Logger {
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: l}))
}
