// Package keywords hears a few words in what a person says, in this process
// and without any server: a small network trained on real speech says how much
// each 20 ms sounds like each phone, and a search finds the word whose phones
// fit best, beside a loop of all phones that stands for "anything else".
//
// The words are open: they come as sequences of phones, by the names of the
// labels of the voice the network was trained on (Debian's festvox-ru). Where
// speech begins and ends is for others to find: Decide is told.
//
// It knows no text, no letters, no scenarios, and no clock: sound is its time.
package keywords
