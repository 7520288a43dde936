// Package corpus makes the sound on which dozvon's hearing is judged and
// trained, out of ordinary Debian packages and out of code: a Russian speaker
// with phone labels (festvox-ru), the prompts of Asterisk in several languages,
// synthetic voices, calls that people and machines answer, music, noise; and
// the telephone line that all of it comes through (Channel).
//
// Everything is seeded: the same packages give the same sound. What is judged
// on is kept apart from what is tuned or trained on, by utterance, phrase,
// voice and seed: see Reserved, Cut and Half.
//
// It must never know what listens to it: no detector, no engine and no bar.
// Programs and tests that find a package missing say so (Missing) and go on.
package corpus
