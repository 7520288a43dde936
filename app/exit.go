package app

import "errors"

// Exit codes of the contract.
const (
	ExitOK          = 0
	ExitFailed      = 1 // failed while running
	ExitUsage       = 2 // wrong usage
	ExitInvalid     = 3 // scenario, base or config invalid, nobody was called
	ExitInterrupted = 4 // interrupted and resumable
)

// coded is an error that knows its exit code.
type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }

// Usage marks an error of usage.
func Usage(err error) error { return withCode(err, ExitUsage) }

// Invalid marks a fault of the input, found before anyone was called.
func Invalid(err error) error { return withCode(err, ExitInvalid) }

// Interrupted marks a run that was cut and can be resumed.
func Interrupted(err error) error { return withCode(err, ExitInterrupted) }

func withCode(err error, code int) error {
	if err == nil {
		return nil
	}
	return coded{err, code}
}

// ExitCode returns the exit code that belongs to an error of this package.
func ExitCode(err error) int {
	var c coded
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &c):
		return c.code
	default:
		return ExitFailed
	}
}
