package main

import (
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
)

// sentences are said by the synthetic voices: the sounds of English in other
// words than those that are judged.
var sentences = []string{
	"the quick brown fox jumps over the lazy dog", "she sells sea shells by the sea shore", "please check the fish and chips in the kitchen",
	"five of the six ships were missing this summer", "his judge thought that each child should measure the treasure", "zebras in the zoo are as lazy as puzzled sheep",
	"we have nothing to say about the theory of the earth", "a large size in stockings is hard to sell", "the boy was there when the sun rose",
	"glue the sheet to the dark blue background", "it is easy to tell the depth of a well", "rice is often served in round bowls",
	"the juice of lemons makes fine punch", "the hogs were fed chopped corn and garbage",
}

// recordings are a person, at 16 kHz: no utterance of festvox-ru is among
// them that a bar is judged on.
var recordings = []string{
	"/usr/share/festival/voices/russian/msu_ru_nsh_clunits/wav/ru_00[0-4][0-9].wav",
}

const wideRate = 16000

// speech is recorded and synthetic speech at wideRate.
func speech(dir string) (out [][]float64, err error) {
	var files []string
	for _, pattern := range recordings {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("there is nothing at %s; install the package festvox-ru", pattern)
		}
		files = append(files, found...)
	}
	for i, text := range sentences {
		for _, voice := range []string{"rms", "kal16"} {
			name := filepath.Join(dir, fmt.Sprintf("%s-%d.wav", voice, i))
			if err := program("flite", "-voice", voice, "-t", text, "-o", name); err != nil {
				return nil, err
			}
			files = append(files, name)
		}
		for _, voice := range []string{"en-us+f2", "en-us+m3", "en-gb+f4", "en-gb+m5"} {
			name := filepath.Join(dir, fmt.Sprintf("%s-%d.wav", voice, i))
			if err := program("espeak-ng", "-v", voice, "-w", name, text); err != nil {
				return nil, err
			}
			files = append(files, name)
		}
	}
	for _, name := range files {
		b, err := exec.Command("sox", "-D", name, "-r", fmt.Sprint(wideRate), "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-").Output()
		if err != nil {
			return nil, fmt.Errorf("sox can't read %s: %w", name, err)
		}
		pcm := make([]float64, len(b)/2)
		for i := range pcm {
			pcm[i] = float64(int16(binary.LittleEndian.Uint16(b[2*i:])))
		}
		if len(pcm) > wideRate/2 {
			out = append(out, pcm)
		}
	}
	return out, nil
}

func program(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s failed (is it installed?): %w: %.300s", name, err, out)
	}
	return nil
}
