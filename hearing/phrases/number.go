package phrases

import (
	"fmt"
	"strconv"
	"strings"
)

// Number stands for a spoken number from 0 to 10 among the phrases of an
// answer; NumberRange makes such tokens of smaller ranges.
const Number = "<number 0-10>"

// Lowest and Highest are the numbers that are heard.
const (
	Lowest  = 0
	Highest = 10
)

// NumberRange returns the token of the numbers from low to high.
func NumberRange(low, high int) string { return fmt.Sprintf("<number %d-%d>", low, high) }

// rangeOf reads a token of numbers.
func rangeOf(token string) (low, high int, ok bool) {
	inner, found := strings.CutPrefix(token, "<number ")
	inner, closed := strings.CutSuffix(inner, ">")
	a, b, parted := strings.Cut(inner, "-")
	if !found || !closed || !parted {
		return 0, 0, false
	}
	low, err := strconv.Atoi(a)
	high, err2 := strconv.Atoi(b)
	ok = err == nil && err2 == nil && low >= Lowest && high <= Highest && low <= high
	return low, high, ok
}

// numerals are the ways to say a number by one word, the cardinal first.
var numerals = map[string][Highest + 1][]string{
	"ru": {
		list("ноль, нуль, нолик"), list("один, единица, единицу, единичка"), list("два, двойка, двойку"), list("три, тройка, тройку"), list("четыре, четвёрка, четвёрку"),
		list("пять, пятёрка, пятёрку"), list("шесть, шестёрка, шестёрку"), list("семь, семёрка, семёрку"), list("восемь, восьмёрка, восьмёрку"), list("девять, девятка, девятку"),
		list("десять, десятка, десятку"),
	},
	"en": {
		list("zero"), list("one"), list("two"), list("three"), list("four"), list("five"), list("six"), list("seven"), list("eight"), list("nine"), list("ten"),
	},
}

// idleOfNumbers are words around a number that do not change it.
var idleOfNumbers = map[string]map[string]bool{
	"ru": set("на балл балла баллов наверное наверно думаю ну пожалуй ставлю поставлю моя оценка мой ответ твердая твердую это пусть будет цифра номер я бы"),
	"en": set("a an i'd i would say give it you points point my score answer is maybe probably out um well"),
}

// ParseNumber reads a number from 0 to 10 as people say it: «семь», «семёрка»,
// «на семь», «семь баллов», «семь из десяти», "seven", "a seven out of ten", "7".
// False: the text has no number, two different ones, or words that may change
// its meaning.
func ParseNumber(language, text string) (int, bool) {
	words := tokens(text)
	if n := len(words); n >= 3 && (words[n-2] == "из" || words[n-2] == "of") { // out of ten
		if top, ok := numeral(language, words[n-1], true); !ok || top != Highest {
			return 0, false
		}
		words = words[:n-2]
	}
	found, n := false, 0
	for _, w := range without(words, idleOfNumbers[language]) {
		v, ok := numeral(language, w, false)
		if !ok || found && v != n {
			return 0, false
		}
		found, n = true, v
	}
	return n, found
}

// numeral reads one word, in the genitive too if asked.
func numeral(language, w string, genitive bool) (int, bool) {
	if v, err := strconv.Atoi(w); err == nil && len(w) <= 2 && v >= Lowest && v <= Highest {
		return v, true
	}
	if genitive && w == "десяти" {
		return Highest, true
	}
	for v, ways := range numerals[language] {
		for _, way := range ways {
			if Normal(way) == w {
				return v, true
			}
		}
	}
	return 0, false
}

// numberPhrases are the ways to say the numbers from low to high.
func numberPhrases(language string, low, high int) []string {
	ways, known := numerals[language]
	if !known {
		return nil
	}
	var out []string
	for v := low; v <= high; v++ {
		out = append(out, ways[v]...)
		if language == "ru" {
			out = append(out, "на "+ways[v][0], ways[v][0]+" "+points(v))
		}
	}
	return out
}

// points are «баллы» after a number.
func points(v int) string {
	switch {
	case v == 1:
		return "балл"
	case v >= 2 && v <= 4:
		return "балла"
	}
	return "баллов"
}
