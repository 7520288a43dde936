package audio

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// MaxClip bounds what a WAV file may hold: an hour of sound at Rate. A longer
// file is refused rather than cut.
const MaxClip = 3600 * Rate

// ReadWAV reads a WAV file: PCM of 8, 16, 24 or 32 bits, floating point,
// A-law or µ-law; mono or stereo (mixed to mono); 8 to 48 kHz (resampled to
// Rate). Unknown chunks are passed over, and a file cut short gives what it
// holds.
func ReadWAV(r io.Reader) (*Clip, error) {
	channels, err := ReadChannels(r)
	if err != nil {
		return nil, err
	}
	pcm := channels[0]
	if len(channels) == 2 {
		for i, s := range channels[1] {
			pcm[i] = int16((int(pcm[i]) + int(s)) / 2)
		}
	}
	return NewClip(pcm), nil
}

// ReadChannels reads a WAV file as ReadWAV does, and returns its one or two
// channels apart, of equal length.
func ReadChannels(r io.Reader) ([][]int16, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	var riff [12]byte
	if _, err := io.ReadFull(br, riff[:]); err != nil {
		return nil, fmt.Errorf("wav: the file ends within its first 12 bytes (%w); it is no WAV file, record or export it again", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return nil, errors.New("wav: no RIFF/WAVE signature; convert the file to WAV, 16-bit PCM")
	}
	var f *wavFormat
	for {
		var head [8]byte
		if _, err := io.ReadFull(br, head[:]); err != nil {
			return nil, errors.New("wav: no data chunk; the file is cut short or damaged, export it again")
		}
		id, size := string(head[:4]), binary.LittleEndian.Uint32(head[4:])
		switch {
		case id == "fmt ":
			var err error
			if f, err = readFormat(br, size); err != nil {
				return nil, err
			}
		case id == "data" && f == nil:
			return nil, errors.New("wav: the data chunk comes before the fmt chunk; the file is damaged, export it again")
		case id == "data":
			return readData(br, f, dataLimit(size, binary.LittleEndian.Uint32(riff[4:])))
		default:
			if _, err := io.CopyN(io.Discard, br, padded(size)); err != nil {
				return nil, fmt.Errorf("wav: chunk %q is cut short (%w); the file is damaged, export it again", id, err)
			}
		}
	}
}

// LoadFile reads a WAV file from disk.
func LoadFile(path string) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := ReadWAV(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// padded is a chunk's length on disk: chunks begin at even offsets.
func padded(size uint32) int64 { return int64(size) + int64(size&1) }

// dataLimit returns how many bytes the data chunk holds at most. Programs
// that write to a pipe don't know the length and leave 0 or a huge number in
// both sizes: then the sound goes on to the end of the stream.
func dataLimit(data, riff uint32) int64 {
	if data >= 0x7FFFF000 || data == 0 && (riff <= 36 || riff >= 0x7FFFF000) {
		return 1 << 40
	}
	return int64(data)
}

// readData decodes and resamples the data chunk block by block, so that
// memory is bounded by the result and not by what a header claims.
func readData(r io.Reader, f *wavFormat, limit int64) ([][]int16, error) {
	const blocks = 4096
	buf := make([]byte, blocks*f.blockAlign())
	in := make([]float32, blocks)
	out := make([][]int16, f.channels)
	res := make([]*resampler, f.channels)
	for c := range res {
		res[c] = newResampler(f.rate)
	}
	r = io.LimitReader(r, limit)
	for {
		n, err := io.ReadFull(r, buf)
		frames := n / f.blockAlign()
		for c := range out {
			for i := range frames {
				in[i] = f.sample(buf[i*f.blockAlign()+c*f.bytes:])
			}
			out[c] = res[c].push(out[c], in[:frames])
		}
		if len(out[0]) > MaxClip {
			return nil, errors.New("wav: longer than an hour; split the file")
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("wav: reading samples: %w", err)
		}
	}
	for c := range out {
		out[c] = res[c].flush(out[c])
	}
	return out, nil
}
