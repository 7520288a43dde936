// Package phrases knows what the words of scenarios mean: which usual answers
// say the same (families), how numbers and moments are spoken, and which
// phrases of a call mean nothing. It turns what a scenario listens for into
// finite lists for recognisers, and what was heard into values.
//
// All of it is pure: a moment depends on the words and on the "now" it is given.
// It knows no sound beyond the spelling that package letters reads, no engine,
// no scenario and no clock. Russian ("ru") and English ("en") are known; other
// languages have no families, and their phrases stand as they are.
//
// # Families
//
// A family is added to an answer by one of its heads («да», "later"), because
// people rarely use the word they were offered. What belongs to it was chosen
// by what a wrong guess costs: only phrases that mean the same whatever was
// asked. So «интересно», «удобно», «давайте», «верно», «занят» are in none: the
// scenario names them where they fit the question. «Ну», «спасибо», «алло» and
// questions are fillers: they are listened for, and mean nothing.
package phrases
