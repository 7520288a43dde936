// Package letters says how Russian words sound: spelling with stress marks into
// the phones that the embedded recogniser knows.
//
// The phone names, and what they stand for, are those of the labels of the
// Debian package festvox-ru (Nickolay V. Shmyrev, Moscow State University;
// BSD-like licence), because the phone model is trained on its recordings: a
// doubled consonant is a soft one (tt), a doubled vowel the stressed one (aa);
// a, i, y, e, u stand before the stress and at the edges, ay and ae (after a
// soft consonant) are the weak vowels elsewhere, ur the weak u. Where the labels
// hold a book pronunciation that people do not use («-ться» with tt ss), both
// are given, the one of the labels first.
//
// Stress is where the text says it: '+' before the vowel or U+0301 behind it; ё
// is stressed. Else the lexicon says it, which has the words of answers, numbers
// and times; where nothing says it, every vowel is tried and several
// pronunciations are returned.
//
// The package knows no sound, no grammar and no scenarios. It never guesses in
// silence: what has no letters to read is an error with words.
package letters
