package base

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestPhoneTitles(t *testing.T) {
	sample := []string{"1", "89161234567", "x"}
	for _, title := range []string{"phone", "Phone", "PHONE", "Phone number", "phone_number", "телефон", "Телефон", "Номер телефона",
		"тел.", "Тел", "мобильный", "Мобильный телефон", "msisdn", "MSISDN", "Телефон клиента", "Cell phone", "contact phone",
		"Основной телефон", "Phone (mobile)", "Номер", "Контакт клиента"} {
		m, err := MapHeader([]string{"id договора", title, "примечание"}, sample, Want{})
		if err != nil || m.Phone != 1 || m.Headless {
			t.Errorf("%q: column %d, %v", title, m.Phone, err)
		}
	}
}

func TestSureTitlesGoFirst(t *testing.T) {
	m, err := MapHeader([]string{"Телефон менеджера", "Телефон", "Номер договора"}, nil, Want{})
	if err != nil || m.Phone != 1 {
		t.Fatalf("column %d, %v", m.Phone, err)
	}
}

func TestNoPhoneColumn(t *testing.T) {
	_, err := MapHeader([]string{"Имя", "Номер договора"}, []string{"Иван", "A-17"}, Want{})
	var h *HeaderError
	if !errors.As(err, &h) {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{`"Имя", "Номер договора"`, "--map phone="} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
}

func TestScenarioColumns(t *testing.T) {
	want := Want{Columns: []Column{
		{Name: "name", Label: "Имя клиента", Aliases: []string{"ФИО"}, Required: true},
		{Name: "amount", Aliases: []string{"Сумма кредита"}},
	}}
	for _, title := range []string{"name", "NAME", "имя клиента", "Имя_Клиента", "фио"} {
		m, err := MapHeader([]string{"Телефон", title, "Сумма  кредита", "Прочее"}, nil, want)
		if err != nil || !slices.Equal(m.Vars, []string{"Телефон", "name", "amount", "Прочее"}) {
			t.Errorf("%q: %q, %v", title, m.Vars, err)
		}
	}
	_, err := MapHeader([]string{"phone", "сумма кредита"}, nil, want)
	var h *HeaderError
	if !errors.As(err, &h) || !strings.Contains(err.Error(), "does not have: name") || !strings.Contains(err.Error(), "--map name=") {
		t.Fatalf("%v", err)
	}
}

// ё and е are the same letter in a title.
func TestYoFolds(t *testing.T) {
	m, err := MapHeader([]string{"phone", "Счет"}, nil, Want{Columns: []Column{{Name: "account", Label: "счёт", Required: true}}})
	if err != nil || m.Vars[1] != "account" {
		t.Fatalf("%q, %v", m.Vars, err)
	}
}

func TestMapOverrides(t *testing.T) {
	header := []string{"Телефон", "Второй", "Пояс", "Имя", "Код"}
	m, err := MapHeader(header, nil, Want{
		Columns: []Column{{Name: "name", Required: true}},
		Map:     map[string]string{"phone": "второй", "timezone": "Пояс", "name": "4", "external_id": "Код"},
	})
	if err != nil || m.Phone != 1 || m.Zone != 2 || m.External != 4 || m.Vars[3] != "name" {
		t.Fatalf("%+v, %v", m, err)
	}
	for target, title := range map[string]string{"phone": "нет такой", "nosuch": "Имя"} {
		_, err := MapHeader(header, nil, Want{Map: map[string]string{target: title}})
		var h *HeaderError
		if !errors.As(err, &h) {
			t.Errorf("--map %s=%s: %v", target, title, err)
		}
	}
}

func TestBaseWithoutTitles(t *testing.T) {
	m, err := MapHeader([]string{"Иван", "8 916 123-45-67"}, []string{"Пётр", "89161234568"}, Want{})
	if err != nil || !m.Headless || m.Phone != 1 || !slices.Equal(m.Header, []string{"column 1", "column 2"}) {
		t.Fatalf("%+v, %v", m, err)
	}
	want := Want{Columns: []Column{{Name: "name", Required: true}}}
	if _, err = MapHeader([]string{"Иван", "89161234567"}, nil, want); err == nil || !strings.Contains(err.Error(), "first row is data") {
		t.Fatalf("%v", err)
	}
	want.Map = map[string]string{"name": "1"}
	if m, err = MapHeader([]string{"Иван", "89161234567"}, nil, want); err != nil || m.Vars[0] != "name" {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestOddTitles(t *testing.T) {
	m, err := MapHeader([]string{"phone", "", "a\nb", "Имя", "Имя", "\u200b", ""}, nil, Want{})
	if err != nil || !slices.Equal(m.Header, []string{"phone", "column 2", "a b", "Имя", "Имя (2)"}) {
		t.Fatalf("%q, %v", m.Header, err)
	}
	if _, err := MapHeader(make([]string, 5), nil, Want{}); err == nil {
		t.Fatal("a blank header passed")
	}
	wide := strings.Split(strings.Repeat("x,", columnsMax+1), ",")
	if _, err := MapHeader(wide, nil, Want{}); err == nil {
		t.Fatal("too many columns passed")
	}
}

func FuzzMapHeader(f *testing.F) {
	f.Add("phone,name", "89161234567,x", "name", "phone=2")
	f.Add("Имя;Телефон", "", "имя", "")
	f.Add(",,", ",", "", "=")
	f.Add("89161234567", "", "phone", "name=1")
	f.Fuzz(func(t *testing.T, header, sample, column, mapped string) {
		w := Want{Columns: []Column{{Name: column, Required: true}, {Name: "phone"}}}
		if target, title, ok := strings.Cut(mapped, "="); ok {
			w.Map = map[string]string{target: title}
		}
		m, err := MapHeader(strings.Split(header, ","), strings.Split(sample, ","), w)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		n := len(m.Header)
		if len(m.Vars) != n || m.Phone < 0 || m.Phone >= n || m.Zone >= n || m.External >= n {
			t.Fatalf("%+v", m)
		}
		for _, all := range [][]string{m.Header, m.Vars} {
			seen := map[string]bool{}
			for _, one := range all {
				if seen[one] {
					t.Fatalf("%q stands twice in %q", one, all)
				}
				seen[one] = true
			}
		}
	})
}
