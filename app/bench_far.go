package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"

	"dozvon/internal/benchwire"
)

// far is the far end of the benchmarks: a process of its own on another core.
type far struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	address string // of its SIP port
}

// BenchFarEnd is the far end's process: it runs on one core until in ends.
func BenchFarEnd(ctx context.Context, core int, in io.Reader, out io.Writer) error {
	if err := pin(core); err != nil {
		return fmt.Errorf("processor %d cannot be used; the benchmarks need two: %w", core, err)
	}
	return benchwire.Serve(ctx, netip.AddrFrom4([4]byte{127, 0, 0, 1}), in, out)
}

func startFar(ctx context.Context) (*far, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &far{cmd: exec.CommandContext(ctx, self, "bench", "far-end", "--core", "1")}
	f.cmd.Env = append(os.Environ(), pinned+"=")
	f.cmd.Stderr = os.Stderr
	if f.in, err = f.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the far end did not start: %w", err)
	}
	f.out = bufio.NewReader(out)
	line, err := f.out.ReadString('\n')
	if err != nil {
		f.stop()
		return nil, fmt.Errorf("the far end did not start: %w", err)
	}
	f.address = strings.TrimSpace(strings.TrimPrefix(line, "listens on"))
	return f, nil
}

// ask gives the far end an order and returns its report.
func (f *far) ask(o benchwire.Order) (r benchwire.Report, err error) {
	line, err := json.Marshal(o)
	if err == nil {
		_, err = f.in.Write(append(line, '\n'))
	}
	if err == nil {
		line, err = f.out.ReadBytes('\n')
	}
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		err = fmt.Errorf("the far end does not answer: %w", errors.Join(err))
	}
	return r, err
}

func (f *far) stop() {
	_ = f.in.Close()
	_ = f.cmd.Wait()
}
