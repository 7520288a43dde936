package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// players are programs that play a WAV file, in the order in which they are
// looked for. The file's name is put behind.
var players = [][]string{
	{"paplay"}, {"aplay", "-q"}, {"play", "-q"}, {"ffplay", "-nodisp", "-autoexit", "-loglevel", "error"}, {"afplay"},
}

// noPlayer is the --player that plays nothing.
const noPlayer = "none"

// findPlayer returns the program that plays recordings, with its arguments; nil
// if there is none. What the user names must be there.
func findPlayer(named string) ([]string, error) {
	if named == noPlayer {
		return nil, nil
	}
	if words := strings.Fields(named); len(words) > 0 {
		if _, err := exec.LookPath(words[0]); err != nil {
			return nil, Usage(fmt.Errorf("--player: there is no program %q; install it, name another one, or give --player none", words[0]))
		}
		return words, nil
	}
	for _, p := range players {
		if _, err := exec.LookPath(p[0]); err == nil {
			return p, nil
		}
	}
	return nil, nil
}

// playing is a player at work.
type playing struct {
	cmd   *exec.Cmd
	said  bytes.Buffer // its errors
	ended chan error
}

// play starts a player on a file. No shell sees the name.
func play(ctx context.Context, player []string, file string) (*playing, error) {
	p := &playing{ended: make(chan error, 1)}
	p.cmd = exec.CommandContext(ctx, player[0], append(player[1:len(player):len(player)], file)...)
	p.cmd.Stderr = &p.said
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("the player %s cannot be started: %w", player[0], err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, nil
}

// wait returns when the sound is over.
func (p *playing) wait() error { return p.fault(<-p.ended) }

// stop cuts the sound, and returns the error of a player that had failed.
func (p *playing) stop() error {
	select {
	case err := <-p.ended:
		return p.fault(err)
	default:
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
	return nil
}

func (p *playing) fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	first, _, _ := strings.Cut(strings.TrimSpace(p.said.String()), "\n")
	return fmt.Errorf("the player %s failed (%w): %s", p.cmd.Args[0], err, printable(first))
}
