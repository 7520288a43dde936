package base

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a number in its canonical form.
type Phone struct {
	E164 string // with the plus sign
	Zone string // IANA zone, if the number tells exactly one; else empty
}

// DefaultRegion is the region of numbers without a country code.
const DefaultRegion = "RU"

// phoneMax bounds the length of a cell that may hold a number.
const phoneMax = 200

// Reasons why a cell holds no number to call.
var (
	errNoPhone    = errors.New("no phone number")
	errShortened  = errors.New("the spreadsheet has shortened the number and lost digits; format the column as text and export it again")
	errExtension  = errors.New("the number has an extension; a robot can't dial it")
	errSeveral    = errors.New("several numbers in one cell; leave one")
	errLetters    = errors.New("there are letters in the number")
	errShort      = errors.New("the number is too short")
	errLong       = errors.New("the number is too long")
	errNoSuch     = errors.New("no such number exists in the numbering plan of its country")
	errPremium    = errors.New("a premium-rate number is never called")
	errUnreadable = errors.New("the number can't be read")
)

var (
	decimal    = regexp.MustCompile(`^(\d{5,20})[.,]0{1,6}$`)
	scientific = regexp.MustCompile(`^\+?(\d)(?:[.,](\d{1,20}))?[eEеЕ]\+?(\d{1,2})$`)
	extension  = regexp.MustCompile(`(?i)(?:доб|вн\.|внутр|ext|;ext=|[xх#]\s*\d{1,7}$|[,;]{1,2}\d{1,4}$)`)
	separators = regexp.MustCompile(`(?i)[,;/\\|\n]|\s+или\s+|\s+or\s+|\s+and\s+|\s+и\s+`)
)

// Shortened reports whether a cell shows a number in scientific notation, as
// spreadsheets do: it may have lost digits.
func Shortened(cell string) bool {
	return strings.ContainsAny(cell, "eEеЕ") && scientific.MatchString(cell)
}

// CleanPhone turns a cell into a number. Region (ISO 3166, "RU" if empty) is
// that of numbers without a country code. The error says in words what is
// wrong; it never repeats the number.
func CleanPhone(cell, region string) (Phone, error) {
	if region == "" {
		region = DefaultRegion
	}
	if len(cell) > phoneMax {
		return Phone{}, errLong
	}
	s, err := plain(cell)
	if err != nil {
		return Phone{}, err
	}
	n, err := parse(s, region)
	if err != nil {
		return Phone{}, err
	}
	return Phone{E164: phonenumbers.Format(n, phonenumbers.E164), Zone: zoneOf(n)}, nil
}

// plain removes what people and spreadsheets put around the digits.
func plain(cell string) (string, error) {
	s := strings.TrimSpace(strings.Map(ascii, cell))
	s = strings.TrimLeft(s, "'\"`=") // a text mark of spreadsheets, ="..."
	s = strings.TrimRight(s, "'\"`")
	if rest, ok := cutPrefixFold(s, "tel:"); ok {
		s = rest
	}
	if s == "" {
		return "", errNoPhone
	}
	if strings.ContainsAny(s, ".,eEеЕ") {
		if m := decimal.FindStringSubmatch(s); m != nil {
			s = m[1]
		}
		if m := scientific.FindStringSubmatch(s); m != nil {
			return expand(m[1], m[2], m[3])
		}
	}
	if err := check(s); err != nil {
		return "", err
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	switch plus := strings.IndexByte(s, '+'); {
	case plus < 0:
		return digits, nil
	case plus > strings.IndexAny(s, "0123456789"):
		return "", errUnreadable
	}
	return "+" + digits, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return strings.TrimSpace(s[len(prefix):]), true
	}
	return s, false
}

// ascii maps digits of other scripts, dashes and spaces to plain ones and
// drops what is invisible.
func ascii(r rune) rune {
	switch {
	case r < unicode.MaxASCII && r >= ' ':
		return r
	case r == '\n' || r == '\r':
		return '\n'
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-'
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	case r == '＋':
		return '+'
	case r == '’' || r == '‘':
		return '\''
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}

// expand writes out d.frac × 10^exp. A spreadsheet keeps all digits of a
// number but trailing zeros; with fewer than eight digits shown it has rounded.
func expand(d, frac, exp string) (string, error) {
	e := 0
	for _, c := range exp {
		e = e*10 + int(c-'0')
	}
	digits := d + frac
	if e > 15 {
		return "", errLong
	}
	if len(digits) > e+1 { // a fraction remains: no phone number
		if strings.Trim(digits[e+1:], "0") != "" {
			return "", errUnreadable
		}
		digits = digits[:e+1]
	}
	if len(strings.TrimRight(digits, "0")) < 8 {
		return "", errShortened
	}
	return digits + strings.Repeat("0", e+1-len(digits)), nil
}

// check finds what makes a cell more, or less, than one number.
func check(s string) error {
	digits, letters, pluses, marks := 0, 0, 0, 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+':
			pluses++
		case unicode.IsLetter(r):
			letters++
		case strings.ContainsRune(",;/\\|#\n", r):
			marks++
		}
	}
	if digits == 0 {
		return errNoPhone
	}
	switch odd := letters+marks > 0; {
	case pluses > 1 || odd && severalNumbers(s):
		return errSeveral
	case odd && digits >= 10 && extension.MatchString(s):
		return errExtension
	case letters > 0:
		return errLetters
	case digits < 5:
		return errShort
	case digits >= 20:
		return errSeveral
	case digits > 15+3: // E.164 has 15; three for an international prefix
		return errLong
	}
	return nil
}

func severalNumbers(s string) bool {
	numbers := 0
	for _, part := range separators.Split(s, -1) {
		if countDigits(part) >= 5 {
			numbers++
		}
	}
	return numbers > 1
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// parse reads digits, with or without a plus sign, by the numbering plan. A
// long number that is none in the default region may carry its country code
// without a plus sign.
func parse(s, region string) (*phonenumbers.PhoneNumber, error) {
	n, err := number(s, region)
	if err == nil || s[0] == '+' || len(s) < 10 {
		return n, err
	}
	if n, err := number("+"+strings.TrimPrefix(s, "00"), region); err == nil {
		return n, nil
	}
	return nil, err
}

func number(s, region string) (*phonenumbers.PhoneNumber, error) {
	n, err := phonenumbers.Parse(s, region)
	switch {
	case errors.Is(err, phonenumbers.ErrTooShortNSN), errors.Is(err, phonenumbers.ErrTooShortAfterIDD):
		return nil, errShort
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return nil, errLong
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return nil, fmt.Errorf("%w: unknown country code", errNoSuch)
	case err != nil:
		return nil, errUnreadable
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.PREMIUM_RATE:
		return nil, errPremium
	case phonenumbers.UNKNOWN:
		switch phonenumbers.IsPossibleNumberWithReason(n) {
		case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
			return nil, errShort
		case phonenumbers.TOO_LONG:
			return nil, errLong
		}
		return nil, errNoSuch
	}
	return n, nil
}

// KnownRegion reports whether numbering plans know a region.
func KnownRegion(region string) bool {
	return phonenumbers.GetSupportedRegions()[strings.ToUpper(region)]
}
