package audio

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wavFile writes a WAV file by hand: samples of -1 to 1, one slice a channel.
type wavFile struct {
	tag, bits  int
	rate       int
	extensible bool
	channels   [][]float64
	extra      string // a chunk before data: its name and content
	dataSize   *uint32
	riffSize   *uint32
}

func (f wavFile) bytes() []byte {
	var data bytes.Buffer
	for i := range f.channels[0] {
		for _, ch := range f.channels {
			f.sample(&data, ch[i])
		}
	}
	var b bytes.Buffer
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	chunk := func(name string, size int) { b.WriteString(name); le(uint32(size)) }
	chunk("RIFF", 0)
	b.WriteString("WAVE")
	align := len(f.channels) * f.bits / 8
	tag, size := f.tag, 16
	if f.extensible {
		tag, size = 0xFFFE, 40
	}
	chunk("fmt ", size)
	le([]uint16{uint16(tag), uint16(len(f.channels))})
	le([]uint32{uint32(f.rate), uint32(f.rate * align)})
	le([]uint16{uint16(align), uint16(f.bits)})
	if f.extensible {
		le([]uint16{22, uint16(f.bits), 3, 0, uint16(f.tag)})
		b.WriteString("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71")
	}
	if f.extra != "" {
		chunk(f.extra[:4], len(f.extra)-4)
		b.WriteString(f.extra[4:])
		if len(f.extra)%2 == 1 {
			b.WriteByte(0)
		}
	}
	chunk("data", data.Len())
	if f.dataSize != nil {
		binary.LittleEndian.PutUint32(b.Bytes()[b.Len()-4:], *f.dataSize)
	}
	b.Write(data.Bytes())
	out := b.Bytes()
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	if f.riffSize != nil {
		binary.LittleEndian.PutUint32(out[4:], *f.riffSize)
	}
	return out
}

func (f wavFile) sample(b *bytes.Buffer, v float64) {
	le := func(v any) { _ = binary.Write(b, binary.LittleEndian, v) }
	var g [1]byte
	switch {
	case f.tag == tagFloat && f.bits == 32:
		le(float32(v))
	case f.tag == tagFloat:
		le(v)
	case f.tag == tagALaw || f.tag == tagULaw:
		Encode(Law(f.tag-tagALaw), g[:], []int16{int16(v * 32767)})
		b.Write(g[:])
	case f.bits == 8:
		b.WriteByte(byte(128 + v*127))
	case f.bits == 16:
		le(int16(v * 32767))
	case f.bits == 24:
		n := int32(v * 8388607)
		b.Write([]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	default:
		le(int32(v * 2147483647))
	}
}

func sine(hz, level float64, rate int, d time.Duration) []float64 {
	out := make([]float64, int(d.Seconds()*float64(rate)))
	for i := range out {
		out[i] = level * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))
	}
	return out
}

// TestReadWAVFormats reads one tone in every format, rate and channel count.
func TestReadWAVFormats(t *testing.T) {
	for _, format := range [][2]int{{tagPCM, 8}, {tagPCM, 16}, {tagPCM, 24}, {tagPCM, 32}, {tagFloat, 32}, {tagFloat, 64}, {tagALaw, 8}, {tagULaw, 8}} {
		for _, rate := range []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 47999} {
			if rate%8000 != 0 && format != [2]int{tagPCM, 16} {
				continue // every rate in one format, every format at some rates
			}
			for _, extensible := range []bool{false, true} {
				wave := sine(440, 0.4, rate, 500*time.Millisecond)
				f := wavFile{tag: format[0], bits: format[1], rate: rate, extensible: extensible, channels: [][]float64{wave, wave}, extra: "LISTodd"}
				if extensible {
					f.channels = f.channels[:1]
				}
				c, err := ReadWAV(bytes.NewReader(f.bytes()))
				if err != nil {
					t.Fatalf("%v %d: %v", format, rate, err)
				}
				if d := c.Duration(); d < 499*time.Millisecond || d > 501*time.Millisecond {
					t.Errorf("%v %d: %v, want 500ms", format, rate, d)
				}
				middle := c.PCM()[800:3200]
				if rms, want := RMS(middle), 0.4*32768/math.Sqrt2; math.Abs(rms/want-1) > 0.02 {
					t.Errorf("%v %d: level %g, want %g", format, rate, rms, want)
				}
				if r := residue(middle, 440); r > -35 {
					t.Errorf("%v %d: %g dB beside the tone", format, rate, r)
				}
			}
		}
	}
}

// residue returns how much of pcm is not the tone, in decibels below it.
func residue(pcm []int16, hz float64) float64 {
	var s, c, e float64
	for i, v := range pcm {
		a := 2 * math.Pi * hz * float64(i) / Rate
		s += float64(v) * math.Sin(a)
		c += float64(v) * math.Cos(a)
		e += float64(v) * float64(v)
	}
	tone := (s*s + c*c) * 2 / float64(len(pcm))
	return 10 * math.Log10(max(e-tone, 1e-9)/tone)
}

// TestResampler holds the filter to its figures: flat to 3.4 kHz, and no
// alias of anything above 4 kHz.
func TestResampler(t *testing.T) {
	for _, rate := range []int{11025, 16000, 22050, 44100, 48000} {
		pass := func(hz float64) float64 {
			r := newResampler(rate)
			in := make([]float32, rate/4)
			for i := range in {
				in[i] = float32(16000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
			}
			out := r.flush(r.push(nil, in))
			return 20 * math.Log10(max(RMS(out[400:len(out)-400]), 1e-3)/(16000/math.Sqrt2))
		}
		for _, hz := range []float64{50, 300, 1000, 2500, 3400} {
			if g := pass(hz); math.Abs(g) > 0.1 {
				t.Errorf("%d: %g Hz passes with %.2f dB, want 0", rate, hz, g)
			}
		}
		for hz := 4050.0; hz < float64(rate)/2; hz += 1211 {
			if g := pass(hz); g > -66 {
				t.Errorf("%d: %g Hz comes back with %.1f dB, want -66 or less", rate, hz, g)
			}
		}
	}
}

// TestResamplerBlocks: how the input is cut does not matter.
func TestResamplerBlocks(t *testing.T) {
	in := make([]float32, 30000)
	for i, v := range sine(700, 9000, 44100, time.Second)[:len(in)] {
		in[i] = float32(v)
	}
	whole := newResampler(44100)
	want := whole.flush(whole.push(nil, in))
	cut := newResampler(44100)
	var got []int16
	for rest, n := in, 1; len(rest) > 0; n = n*3%997 + 1 {
		n = min(n, len(rest))
		got = cut.push(got, rest[:n])
		rest = rest[n:]
	}
	got = cut.flush(got)
	if len(got) != len(want) {
		t.Fatalf("%d samples, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("sample %d is %d, want %d", i, got[i], want[i])
		}
	}
}

func TestReadWAVSizes(t *testing.T) {
	wave := sine(440, 0.4, 8000, time.Second)
	size := func(n uint32) *uint32 { return &n }
	full := wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: [][]float64{wave}}
	for name, c := range map[string]struct {
		data, riff *uint32
		cut        int
		want       int
	}{
		"whole":              {want: 8000},
		"cut short":          {cut: 8001, want: 4000 - 1},
		"streamed, all ones": {data: size(math.MaxUint32), riff: size(math.MaxUint32), want: 8000},
		"streamed, espeak":   {data: size(0x7FFFF000), riff: size(0x7FFFF024), want: 8000},
		"streamed, zero":     {data: size(0), riff: size(0), want: 8000},
		"more than there is": {data: size(1 << 20), want: 8000},
		"less than there is": {data: size(1000), want: 500},
	} {
		f := full
		f.dataSize, f.riffSize = c.data, c.riff
		b := f.bytes()
		clip, err := ReadWAV(bytes.NewReader(b[:len(b)-c.cut]))
		if err != nil || len(clip.PCM()) != c.want {
			t.Errorf("%s: %v, want %d samples", name, err, c.want)
		}
	}
}

func TestReadWAVRefuses(t *testing.T) {
	wave := sine(440, 0.4, 8000, 10*time.Millisecond)
	mono := [][]float64{wave}
	good := wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: mono}.bytes()
	long := wavFile{tag: tagPCM, bits: 8, rate: 8000, channels: mono, dataSize: new(uint32), riffSize: new(uint32)}.bytes()
	long = append(long, make([]byte, MaxClip)...)
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"empty":           {nil, "first 12 bytes"},
		"not WAV":         {[]byte("ID3 this is music in another format"), "convert"},
		"no data":         {good[:36], "no data chunk"},
		"no format":       {append(bytes.Clone(good[:12]), good[36:]...), "before the fmt"},
		"rate too high":   {wavFile{tag: tagPCM, bits: 16, rate: 96000, channels: mono}.bytes(), "96000"},
		"rate too low":    {wavFile{tag: tagPCM, bits: 16, rate: 0, channels: mono}.bytes(), "0 samples"},
		"three channels":  {wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: [][]float64{wave, wave, wave}}.bytes(), "3 channels"},
		"ADPCM":           {wavFile{tag: 2, bits: 16, rate: 8000, channels: mono}.bytes(), "format 2"},
		"64-bit integers": {wavFile{tag: tagPCM, bits: 64, rate: 8000, channels: mono}.bytes(), "64 bits"},
		"over an hour":    {long, "hour"},
		"huge fmt":        {[]byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"), "fmt chunk"},
		"chunk cut short": {[]byte("RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\xffabc"), "LIST"},
	} {
		if _, err := ReadWAV(bytes.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
	if _, err := LoadFile(filepath.Join(t.TempDir(), "none.wav")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
	bad := filepath.Join(t.TempDir(), "bad.wav")
	if err := os.WriteFile(bad, good[:20], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFile(bad); err == nil || !strings.Contains(err.Error(), "bad.wav") {
		t.Errorf("the error does not name the file: %v", err)
	}
}

func TestReadWAVHostileFloats(t *testing.T) {
	wave := sine(440, 0.4, 16000, 500*time.Millisecond)
	wave[4000], wave[4100], wave[4200] = math.NaN(), math.Inf(1), -1e30
	c, err := ReadWAV(bytes.NewReader(wavFile{tag: tagFloat, bits: 32, rate: 16000, channels: [][]float64{wave}}.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if r := residue(c.PCM()[400:1600], 440); r > -35 {
		t.Errorf("a value that is no number spreads: %g dB beside the tone", r)
	}
}

func TestWriteWAV(t *testing.T) {
	left, right := Tone([]float64{400}, time.Second, 0.3), Tone([]float64{1000}, time.Second/2, 0.3)
	var b bytes.Buffer
	if err := WriteWAV(&b, 2, left, right); err != nil {
		t.Fatal(err)
	}
	if b.Len() != WAVHeaderSize+4*Rate {
		t.Errorf("%d bytes", b.Len())
	}
	ch, err := ReadChannels(bytes.NewReader(b.Bytes()))
	if err != nil || len(ch) != 2 || len(ch[0]) != Rate || len(ch[1]) != Rate {
		t.Fatalf("%v", err)
	}
	if !HasTone(ch[0], 400) || HasTone(ch[0], 1000) || !HasTone(ch[1][:Rate/2], 1000) || HasTone(ch[1], 400) || RMS(ch[1][Rate/2:]) != 0 {
		t.Error("the channels are mixed up")
	}
	for _, c := range [][]any{{0, 0}, {1, 2}, {3, 3}} {
		if err := WriteWAV(&b, c[0].(int), make([][]int16, c[1].(int))...); err == nil {
			t.Errorf("%v channels and slices are accepted", c)
		}
	}
}

// TestReadsWhatSoxWrites reads the files of another program.
func TestReadsWhatSoxWrites(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		t.Skip("sox is not installed")
	}
	for _, args := range [][]string{
		{"-b", "16", "-r", "44100"}, {"-b", "24", "-r", "48000"}, {"-b", "32", "-r", "22050"}, {"-b", "8", "-r", "11025"},
		{"-e", "floating-point", "-b", "32", "-r", "16000"}, {"-e", "a-law", "-r", "8000"}, {"-e", "mu-law", "-r", "8000"}, {"-b", "16", "-c", "2", "-r", "32000"},
	} {
		cmd := exec.Command(sox, append(append([]string{"-n"}, args...), "-t", "wav", "-", "synth", "1", "sine", "700", "gain", "-6")...)
		out, err := cmd.Output() // to a pipe: the sizes in the header are unknown
		if err != nil {
			t.Fatalf("sox %v: %v", args, err)
		}
		c, err := ReadWAV(bytes.NewReader(out))
		if err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		if d := c.Duration(); d < 999*time.Millisecond || d > 1001*time.Millisecond || residue(c.PCM()[800:7200], 700) > -30 {
			t.Errorf("%v: %v, %g dB beside the tone", args, d, residue(c.PCM()[800:7200], 700))
		}
	}
}

func FuzzReadWAV(f *testing.F) {
	wave := sine(440, 0.4, 8000, 5*time.Millisecond)
	f.Add(wavFile{tag: tagPCM, bits: 16, rate: 8000, channels: [][]float64{wave, wave}, extra: "LISTodd"}.bytes())
	f.Add(wavFile{tag: tagFloat, bits: 32, rate: 44100, extensible: true, channels: [][]float64{wave}}.bytes())
	f.Add(wavFile{tag: tagALaw, bits: 8, rate: 11025, channels: [][]float64{wave}}.bytes())
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ch, err := ReadChannels(bytes.NewReader(b))
		if err != nil {
			return
		}
		// 8 bits at 8 kHz is the densest there is.
		if len(ch) < 1 || len(ch) > 2 || len(ch[0]) > len(b)+1 || len(ch) == 2 && len(ch[0]) != len(ch[1]) {
			t.Fatalf("%d channels, %d samples of %d bytes", len(ch), len(ch[0]), len(b))
		}
	})
}

func BenchmarkReadWAV44100(b *testing.B) {
	in := wavFile{tag: tagPCM, bits: 16, rate: 44100, channels: [][]float64{sine(440, 0.4, 44100, 10*time.Second)}}.bytes()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := ReadWAV(bytes.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
}
