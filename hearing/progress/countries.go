package progress

import "slices"

// Countries are those whose tones are known, in order: ISO 3166 codes in small
// letters, as Options.Countries takes them.
func Countries() []string {
	var all []string
	for i := range cadences {
		all = append(all, cadences[i].country)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
