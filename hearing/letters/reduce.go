package letters

// reduce names the vowels by their place: full under stress, a or i or y right
// before it and at the edges of speech, weak elsewhere. Sounds of a whole run of
// speech with its pauses, edges included, as the last vowel of a word leans on
// the next word's stress.
func reduce(run []sound) {
	for i := range run {
		if !run[i].vowel {
			continue
		}
		run[i].name = vowelName(run, i)
	}
}

func vowelName(run []sound, i int) string {
	s, before, after := run[i], run[i-1], run[i+1]
	edge := before.name == Pause || after.name == Pause || before.name == "j" || before.vowel
	pretonic := stressFollows(run, i)
	switch {
	case s.yo:
		return "oo"
	case s.stress && s.name == "i" && before.name == "s":
		return "yy" // с Иванами
	case s.stress:
		return strong(s.name)
	case s.name == "a" || s.name == "o":
		if edge || pretonic {
			return "a"
		}
	case s.name == "e":
		if edge {
			return "e"
		}
		if pretonic && isSoft(before.name) {
			return "i"
		}
		if pretonic {
			return "y"
		}
	case s.name == "u":
		if edge || pretonic {
			return "u"
		}
		return "ur"
	case edge || pretonic:
		return s.name
	}
	if isSoft(before.name) {
		return "ae"
	}
	return "ay"
}

// stressFollows says whether the next syllable is stressed. A word without a
// vowel counts as a weak syllable.
func stressFollows(run []sound, i int) bool {
	for _, s := range run[i+1:] {
		if s.vowel || s.mute {
			return s.vowel && s.stress
		}
	}
	return false
}

// assimilate passes voice from right to left over neighbours, one step as the
// labels do.
func assimilate(run []sound) {
	for i := 1; i < len(run)-1; i++ {
		if run[i].vowel || run[i].name == Pause {
			continue
		}
		if run[i].last && (!run[i].clitic || run[i+1].name == Pause) {
			run[i].name = atEnd(run, i)
			continue
		}
		next := run[i+1].name
		if u, ok := voiceless[run[i].name]; ok && makesVoiceless(next) {
			run[i].name = u
		} else if v, ok := voiced[run[i].name]; ok && makesVoiced(next) {
			run[i].name = v
		}
	}
}

// atEnd is the last consonant of a word: voiceless before silence, vowels and
// sonorants.
func atEnd(run []sound, i int) string {
	s, next := run[i].name, run[i+1]
	labial := next.name == "v" || next.name == "vv"
	if u, ok := voiceless[s]; ok {
		free := next.name == Pause || next.vowel || isSonorant(next.name) ||
			labial && i+2 < len(run) && (run[i+2].vowel || isSonorant(run[i+2].name))
		if free || s == "z" && makesVoiceless(next.name) {
			return u
		}
	}
	if v, ok := voiced[s]; ok && labial && i+2 < len(run) && makesVoiced(run[i+2].name) {
		return v
	}
	return s
}
