// Package testlog is for tests: what a program or a log says, to be read while
// it is written.
package testlog

import (
	"bytes"
	"sync"
)

// Buffer keeps all that is written. Its zero value is empty; it may be used by
// any goroutine.
type Buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what has been written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
