package base

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Targets of Want.Map besides the scenario's columns.
const (
	TargetPhone    = "phone"
	TargetZone     = "timezone"
	TargetExternal = "external_id"
)

// columnsMax bounds the width of a base.
const columnsMax = 1000

// Column is a column that a scenario uses.
type Column struct {
	Name     string   // the scenario's variable
	Label    string   // its title for people
	Aliases  []string // further titles
	Required bool
}

// Want is what the columns of a base are looked up by.
type Want struct {
	Columns []Column
	Map     map[string]string // target → title or 1-based number of a column; goes before everything else
	Region  string            // of numbers, to recognise a base without titles
}

// Mapping says which column of a base holds what.
type Mapping struct {
	Header   []string // titles as they came; an empty one becomes "column N", a repeated one "title (2)"
	Vars     []string // the scenario's variable that each column fills; other columns keep their titles
	Phone    int      // index of the column with numbers
	Zone     int      // index, or -1
	External int      // index, or -1
	Headless bool     // the first row is data already
}

// HeaderError says that the columns of a base can't be matched.
type HeaderError struct {
	Found  []string // titles of the base
	Fault  string   // what is missing or wrong
	Remedy string
}

func (e *HeaderError) Error() string {
	quoted := make([]string, 0, 20)
	for i, t := range e.Found {
		if i == 20 {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(e.Found)-i))
			break
		}
		quoted = append(quoted, strconv.Quote(t))
	}
	return fmt.Sprintf("%s. The columns found: %s. %s", e.Fault, strings.Join(quoted, ", "), e.Remedy)
}

// Titles of columns, folded; the earlier ones are the surer.
var (
	phoneTitles = []string{"phone", "телефон", "phonenumber", "номертелефона", "msisdn", "мобильныйтелефон", "mobilephone",
		"телефонмобильный", "мобильный", "mobile", "mobilenumber", "сотовый", "сотовыйтелефон", "cell", "cellphone", "tel", "тел",
		"telephone", "контактныйтелефон", "contactphone", "phonee164", "телефонклиента", "clientphone", "моб", "мобтел", "phone1", "телефон1"}
	phoneWords     = []string{"телефон", "phone", "msisdn", "тел", "tel", "mobile", "мобильный", "сотовый", "моб", "cell", "telephone"}
	weakTitles     = []string{"номер", "number", "contact", "контакт", "абонент"} // only if the column looks like numbers
	zoneTitles     = []string{"timezone", "tz", "часовойпояс", "таймзона", "zone", "зона", "временнаязона", "utcoffset", "utc", "gmt", "мск"}
	externalTitles = []string{"externalid", "внешнийid", "внешнийид", "crmid", "leadid", "idcrm", "idлида"}
)

// MapHeader finds the columns by the first row of a base that is not blank.
// sample is the row after it (nil if there is none).
func MapHeader(first, sample []string, w Want) (Mapping, error) {
	first = trimRight(first)
	if len(first) > columnsMax {
		return Mapping{}, fmt.Errorf("the base has %d columns, at most %d can be read; remove those that are not needed", len(first), columnsMax)
	}
	m := Mapping{Phone: -1, Zone: -1, External: -1, Headless: headless(first, w)}
	m.Header = titles(first, m.Headless)
	m.Vars = slices.Clone(m.Header)
	forced, err := m.force(w)
	if err != nil {
		return m, err
	}
	if m.Phone < 0 {
		m.Phone = m.findPhone(first, sample, w)
	}
	if m.Phone < 0 {
		return m, &HeaderError{m.Header, "The base has no column that is known to hold phone numbers",
			`Name it with --map phone=COLUMN, or give it the title "phone"`}
	}
	if m.Zone < 0 {
		m.Zone = m.find(zoneTitles)
	}
	if m.External < 0 {
		m.External = m.find(externalTitles)
	}
	return m, m.fillVars(w, forced)
}

// trimRight drops empty cells at the end of a row.
func trimRight(row []string) []string {
	for len(row) > 0 && blank(row[len(row)-1]) {
		row = row[:len(row)-1]
	}
	return row
}

// headless reports whether the first row is data: no cell is a known title,
// and one is a phone number.
func headless(first []string, w Want) bool {
	number := false
	for _, cell := range first {
		key := fold(cell)
		if slices.Contains(phoneTitles, key) || slices.Contains(weakTitles, key) {
			return false
		}
		for _, c := range w.Columns {
			if slices.Contains(keys(c), key) {
				return false
			}
		}
		if _, err := CleanPhone(cell, w.Region); err == nil {
			number = true
		}
	}
	return number
}

// titles makes titles unique and never empty.
func titles(first []string, headless bool) []string {
	seen := map[string]bool{}
	out := make([]string, len(first))
	for i, cell := range first {
		title := tidy(cell)
		if headless || title == "" {
			title = fmt.Sprintf("column %d", i+1)
		}
		unique := title
		for n := 2; seen[unique]; n++ {
			unique = fmt.Sprintf("%s (%d)", title, n)
		}
		seen[unique] = true
		out[i] = unique
	}
	return out
}

func keys(c Column) []string {
	all := []string{fold(c.Name), fold(c.Label)}
	for _, a := range c.Aliases {
		all = append(all, fold(a))
	}
	return slices.DeleteFunc(all, func(k string) bool { return k == "" })
}

// force carries out the explicit mappings; it returns which columns they took.
func (m *Mapping) force(w Want) (map[int]bool, error) {
	taken := map[int]bool{}
	for target, title := range w.Map {
		i := m.lookup(title)
		if i < 0 {
			return nil, &HeaderError{m.Header, fmt.Sprintf("--map %s=%s: there is no column %q", target, title, title),
				"Name one of these titles, or the column's number counted from 1"}
		}
		taken[i] = true
		switch fold(target) {
		case fold(TargetPhone):
			m.Phone = i
		case fold(TargetZone):
			m.Zone = i
		case fold(TargetExternal):
			m.External = i
		}
		known := slices.IndexFunc(w.Columns, func(c Column) bool { return fold(c.Name) == fold(target) })
		switch {
		case known >= 0:
			m.Vars[i] = w.Columns[known].Name
		case fold(target) != fold(TargetPhone) && fold(target) != fold(TargetZone) && fold(target) != fold(TargetExternal):
			return nil, &HeaderError{m.Header, fmt.Sprintf("--map %s=%s: the scenario has no column %q", target, title, target),
				"Map phone, timezone, external_id or a column of the scenario"}
		}
	}
	return taken, nil
}

// lookup finds a column by its title or, failing that, its number.
func (m *Mapping) lookup(title string) int {
	if i := slices.Index(m.Header, tidy(title)); i >= 0 {
		return i
	}
	if key := fold(title); key != "" {
		if i := slices.IndexFunc(m.Header, func(h string) bool { return fold(h) == key }); i >= 0 && !m.Headless {
			return i
		}
	}
	if n, err := strconv.Atoi(strings.TrimSpace(title)); err == nil && n >= 1 && n <= len(m.Header) {
		return n - 1
	}
	return -1
}

func (m *Mapping) find(known []string) int {
	for _, t := range known {
		if i := slices.IndexFunc(m.Header, func(h string) bool { return fold(h) == t }); i >= 0 {
			return i
		}
	}
	return -1
}

// findPhone looks for a sure title, then for a title with a telling word, then
// for a vague title over something that is a number.
func (m *Mapping) findPhone(first, sample []string, w Want) int {
	if m.Headless {
		return slices.IndexFunc(first, func(cell string) bool { _, err := CleanPhone(cell, w.Region); return err == nil })
	}
	for _, c := range w.Columns { // a scenario may give its phone column titles of its own
		if fold(c.Name) == TargetPhone {
			if i := m.find(keys(c)); i >= 0 {
				return i
			}
		}
	}
	if i := m.find(phoneTitles); i >= 0 {
		return i
	}
	for _, telling := range phoneWords {
		i := slices.IndexFunc(m.Header, func(h string) bool { return slices.Contains(words(h), telling) })
		if i >= 0 {
			return i
		}
	}
	for i, h := range m.Header {
		vague := slices.ContainsFunc(words(h), func(word string) bool { return slices.Contains(weakTitles, word) })
		if vague && i < len(sample) {
			if _, err := CleanPhone(sample[i], w.Region); err == nil {
				return i
			}
		}
	}
	return -1
}

// fillVars gives columns the scenario's variables and looks that none that is
// required is missing.
func (m *Mapping) fillVars(w Want, forced map[int]bool) error {
	var missing []string
	for _, c := range w.Columns {
		if m.has(c.Name, forced) {
			continue
		}
		i := -1
		for _, key := range keys(c) {
			i = slices.IndexFunc(m.Header, func(h string) bool { return fold(h) == key })
			if i >= 0 && !forced[i] {
				break
			}
			i = -1
		}
		if i < 0 && fold(c.Name) == TargetPhone {
			i = m.Phone
		}
		switch {
		case i >= 0:
			m.name(i, c.Name)
		case c.Required:
			missing = append(missing, c.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	fault := "The scenario needs columns that the base does not have: " + strings.Join(missing, ", ")
	if m.Headless {
		fault += " (its first row is data, not titles)"
	}
	return &HeaderError{m.Header, fault, fmt.Sprintf("Name them with --map %s=COLUMN, or change the titles in the base", missing[0])}
}

func (m *Mapping) has(name string, forced map[int]bool) bool {
	for i := range forced {
		if m.Vars[i] == name {
			return true
		}
	}
	return false
}

// name gives column i a variable, and takes the name off any other column.
func (m *Mapping) name(i int, variable string) {
	for j := range m.Vars {
		if j != i && m.Vars[j] == variable {
			m.Vars[j] = fmt.Sprintf("%s (column %d)", variable, j+1)
		}
	}
	m.Vars[i] = variable
}
