// Package reason takes the reasons out of the operating system's errors, so
// that sentences for people name a file once and none of the calls.
package reason

import (
	"errors"
	"io/fs"
	"net"
	"os"
)

// Of returns what went wrong without the path, the address and the call with
// which the system names it: "is a directory". Other errors stay as they are.
func Of(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var call *os.SyscallError
	var wire *net.OpError
	switch {
	case errors.As(err, &path):
		return Of(path.Err)
	case errors.As(err, &link):
		return Of(link.Err)
	case errors.As(err, &wire):
		return Of(wire.Err)
	case errors.As(err, &call):
		return Of(call.Err)
	}
	return err
}
