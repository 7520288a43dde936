//go:build !(linux && (amd64 || arm64))

package media

import "time"

// stamps says that a socket knows when its packets came.
const stamps = false

func (s *portableSocket) stamp()                {}
func (s *portableSocket) waited() time.Duration { return 0 }
