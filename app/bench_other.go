//go:build !linux

package app

import (
	"errors"
	"time"
)

var errLinux = errors.New("the benchmarks pin processes to cores and read their cost as Linux accounts for it; run them there")

// Pin works on Linux only.
func Pin(int) error { return errLinux }

func pin(int) error { return errLinux }

func processCPU() time.Duration { return 0 }

func residentKB() int { return 0 }
