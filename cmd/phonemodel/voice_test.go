package main

import (
	"math"
	"testing"
)

// TestChangeNothing: a voice that is changed into itself stays itself.
func TestChangeNothing(t *testing.T) {
	x := make([]float32, voiceRate)
	for i := range x {
		for _, hz := range []float64{150, 450, 1200, 2500} {
			x[i] += 1000 * float32(math.Sin(2*math.Pi*hz*float64(i)/voiceRate))
		}
	}
	y := newStudio().change(x, disguise{pitch: 1, tract: 1, upper: 1, tempo: 1, low: 1, high: 3999}, nil)
	var fault, sum float64
	for i := 1000; i < len(y)-1000; i++ {
		d := float64(y[i] - x[2*i+9])
		fault += d * d
		sum += float64(y[i]) * float64(y[i])
	}
	if fault > sum/100 {
		t.Errorf("faults of %.3f of the sound's energy", fault/sum)
	}
	for _, x := range []float32{1, 3, 1000, 5e9} {
		if d := float64(logarithm(x)) - math.Log(float64(x)); math.Abs(d) > 0.002 {
			t.Errorf("logarithm of %g off by %g", x, d)
		}
	}
}

// TestChangePitch: the pitch of a voice and its formants move on their own.
func TestChangePitch(t *testing.T) {
	x := make([]float32, voiceRate)
	for i := range x { // pulses of 125 Hz through a resonance of 1 kHz
		x[i] = 0
	}
	for at := 0; at < len(x); at += 128 {
		for k := 0; k < 300 && at+k < len(x); k++ {
			s := float64(k) / voiceRate
			x[at+k] += 3000 * float32(math.Exp(-600*s)*math.Sin(2*math.Pi*1000*s))
		}
	}
	y := newStudio().change(x, disguise{pitch: 1.5, tract: 1.25, upper: 1, tempo: 1, low: 1, high: 3999}, nil)
	strength := func(hz float64) float64 {
		var re, im float64
		for i, v := range y[1000:3000] {
			re += float64(v) * math.Cos(2*math.Pi*hz*float64(i)/8000)
			im += float64(v) * math.Sin(2*math.Pi*hz*float64(i)/8000)
		}
		return math.Hypot(re, im)
	}
	// Harmonics of 187.5 Hz; the strongest near 1250 Hz.
	best, at := 0.0, 0.0
	for k := 1; k < 20; k++ {
		if s := strength(187.5 * float64(k)); s > best {
			best, at = s, 187.5*float64(k)
		}
	}
	if math.Abs(at-1250) > 190 {
		t.Errorf("the strongest harmonic is at %.0f Hz", at)
	}
	if between := strength(at + 94); between > best/5 {
		t.Errorf("%.2f of the strength between harmonics", between/best)
	}
}
