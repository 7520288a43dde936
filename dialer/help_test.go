package dialer

import "time"

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func hours(from, to int) []Span { return []Span{{from * 60, to * 60}} }

// workdays is Monday to Friday.
func workdays(spans ...Span) Window {
	return Window{Days: [7]bool{1: true, 2: true, 3: true, 4: true, 5: true}, Spans: spans, Default: "Europe/Moscow"}
}
