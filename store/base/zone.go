package base

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones work on machines that have no zone files

	"github.com/nyaruka/phonenumbers"
)

// zoneOf returns the zone of a number if there is exactly one. Russian mobile
// numbers move between operators and regions: what a number tells is only the
// second best source, after a column of the base.
func zoneOf(n *phonenumbers.PhoneNumber) string {
	zones, err := phonenumbers.GetTimezonesForNumber(n)
	if err != nil || len(zones) != 1 {
		return ""
	}
	zone := zones[0]
	if n.GetCountryCode() == 7 && zone == "Europe/Bucharest" {
		zone = "Europe/Kaliningrad" // the metadata names Kaliningrad by its winter offset's neighbour
	}
	if !known(zone) || strings.HasPrefix(zone, "Etc/") {
		return ""
	}
	return zone
}

// moscow lists the Russian zones by their distance to Moscow's time in hours,
// from -1 on (Federal law 107-FZ on the calculation of time).
var moscow = []string{"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk",
	"Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka"}

// broken lists zones without summer time whose offsets are not whole hours, by
// offset in minutes.
var broken = map[int]string{210: "Asia/Tehran", 270: "Asia/Kabul", 330: "Asia/Kolkata", 345: "Asia/Kathmandu",
	390: "Asia/Yangon", 525: "Australia/Eucla", 570: "Australia/Darwin", -570: "Pacific/Marquesas"}

var offset = regexp.MustCompile(`^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$`)

// ParseZone turns a cell into an IANA zone: IANA names, "МСК+2" (also MSK),
// "UTC+3" and "+03:00". An empty cell gives an empty zone.
func ParseZone(cell string) (string, error) {
	s := strings.Map(ascii, strings.TrimSpace(cell))
	if s == "" {
		return "", nil
	}
	if len(s) > 64 {
		return "", fmt.Errorf("%d characters are no time zone", len(s))
	}
	compact := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	for _, prefix := range []string{"МСК", "MSK"} {
		if rest, ok := strings.CutPrefix(compact, prefix); ok {
			return moscowZone(rest, s)
		}
	}
	switch compact {
	case "UTC", "GMT", "Z":
		return "Etc/UTC", nil
	case "LOCAL":
		return "", unknownZone(s)
	}
	if m := offset.FindStringSubmatch(compact); m != nil {
		return offsetZone(m[1], m[2], m[3], s)
	}
	if !strings.Contains(s, "/") {
		return "", unknownZone(s)
	}
	if !known(s) {
		return "", unknownZone(s)
	}
	return s, nil
}

// seen remembers the zones that exist: to look one up reads a file.
var seen sync.Map

func known(zone string) bool {
	if _, ok := seen.Load(zone); ok {
		return true
	}
	if _, err := time.LoadLocation(zone); err != nil {
		return false
	}
	seen.Store(zone, nil)
	return true
}

func unknownZone(s string) error {
	return fmt.Errorf("%q is no time zone; write Europe/Moscow, МСК+2 or +03:00", s)
}

func moscowZone(rest, s string) (string, error) {
	hours := 0
	if rest != "" {
		var err error
		if hours, err = strconv.Atoi(rest); err != nil || rest[0] != '+' && rest[0] != '-' {
			return "", unknownZone(s)
		}
	}
	if hours < -1 || hours+1 >= len(moscow) {
		return "", unknownZone(s)
	}
	return moscow[hours+1], nil
}

func offsetZone(sign, hours, minutes, s string) (string, error) {
	h, _ := strconv.Atoi(hours) // two digits at most
	m, _ := strconv.Atoi("0" + minutes)
	total := h*60 + m
	inverse := "-" // Etc/GMT-3 lies three hours east of Greenwich
	if sign == "-" {
		total, inverse = -total, "+"
	}
	if m == 0 && total >= -12*60 && total <= 14*60 {
		if h == 0 {
			return "Etc/UTC", nil
		}
		return fmt.Sprintf("Etc/GMT%s%d", inverse, h), nil
	}
	if zone, ok := broken[total]; ok && m < 60 {
		return zone, nil
	}
	return "", unknownZone(s)
}
