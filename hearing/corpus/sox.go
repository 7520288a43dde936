package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

var rawFormat = []string{"-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-L", "-"}

// gsm encodes and decodes pcm with GSM 06.10.
func gsm(pcm []int16) ([]int16, error) {
	if err := Missing(Sox); err != nil {
		return nil, err
	}
	in := make([]byte, 2*len(pcm))
	for i, s := range pcm {
		binary.LittleEndian.PutUint16(in[2*i:], uint16(s))
	}
	coded, err := run(in, "sox", append(append([]string{"-V1"}, rawFormat...), "-t", "gsm", "-")...)
	if err != nil {
		return nil, err
	}
	back, err := ungsm(coded)
	out := make([]int16, len(pcm)) // whole blocks of 160 samples come back
	copy(out, back)
	return out, err
}

// ungsm decodes GSM 06.10.
func ungsm(coded []byte) ([]int16, error) {
	raw, err := run(coded, "sox", append([]string{"-V1", "-t", "gsm", "-r", "8000", "-c", "1", "-"}, rawFormat...)...)
	out := make([]int16, len(raw)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return out, err
}

// loadGSM reads a file of GSM 06.10.
func loadGSM(path string) ([]int16, error) {
	if err := Missing(Sox); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return ungsm(b)
}

// run starts a program, gives it in on its standard input and returns its
// standard output.
func run(in []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(in)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("corpus: %s: %w: %.200s", name, err, strings.TrimSpace(said.String()))
	}
	return out.Bytes(), nil
}
