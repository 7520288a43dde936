package corpus

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Package is a Debian package that a corpus is made of.
type Package string

// The packages.
const (
	FestvoxRU  Package = "festvox-ru"
	AsteriskRU Package = "asterisk-core-sounds-ru-wav"
	AsteriskEN Package = "asterisk-core-sounds-en-wav"
	AsteriskES Package = "asterisk-core-sounds-es-wav"
	AsteriskFR Package = "asterisk-core-sounds-fr-wav"
	AsteriskIT Package = "asterisk-core-sounds-it-wav"
	PromptFR   Package = "asterisk-prompt-fr-armelle"
	PromptIT   Package = "asterisk-prompt-it-menardi-wav"
	PromptES   Package = "asterisk-prompt-es-co"
	AsteriskMo Package = "asterisk-moh-opsound-wav"
	Espeak     Package = "espeak-ng"
	Flite      Package = "flite"
	Festival   Package = "festival"
	FestvoxSLT Package = "festvox-us-slt-hts"
	FestvoxKAL Package = "festvox-kallpc16k"
	FestvoxKED Package = "festvox-kdlpc16k"
	Sox        Package = "sox"
	Pocket     Package = "pocketsphinx"
	PocketEN   Package = "pocketsphinx-en-us"
)

// All lists every package that `make hearing` and `go run ./cmd/hearing -fit`
// use.
func All() []Package {
	return []Package{
		FestvoxRU, AsteriskRU, AsteriskEN, AsteriskES, AsteriskFR, AsteriskIT, AsteriskMo,
		PromptFR, PromptIT, PromptES,
		Espeak, Flite, Festival, FestvoxSLT, FestvoxKAL, FestvoxKED, Sox, Pocket, PocketEN,
	}
}

const (
	asteriskDir = "/usr/share/asterisk"
	festivalDir = "/usr/share/festival/voices"
)

// mark says by what a package is known: a path, or the name of a program.
var mark = map[Package]string{
	FestvoxRU:  festvoxDir + "/wav",
	AsteriskRU: asteriskDir + "/sounds/ru_RU_f_IvrvoiceRU",
	AsteriskEN: asteriskDir + "/sounds/en_US_f_Allison",
	AsteriskES: asteriskDir + "/sounds/es_MX_f_Allison",
	AsteriskFR: asteriskDir + "/sounds/fr_CA_f_June",
	AsteriskIT: asteriskDir + "/sounds/it_IT_m_Carlo",
	PromptFR:   asteriskDir + "/sounds/fr/vm-intro.gsm", // other packages put folders there too
	PromptIT:   asteriskDir + "/sounds/it_IT_f_Menardi",
	PromptES:   asteriskDir + "/sounds/es/vm-intro.gsm",
	AsteriskMo: asteriskDir + "/moh",
	Espeak:     "espeak-ng",
	Flite:      "flite",
	Festival:   "festival",
	FestvoxSLT: festivalDir + "/us/cmu_us_slt_arctic_hts",
	FestvoxKAL: festivalDir + "/english/kal_diphone",
	FestvoxKED: festivalDir + "/english/ked_diphone",
	Sox:        "sox",
	Pocket:     "pocketsphinx_batch",
	PocketEN:   "/usr/share/pocketsphinx/model/en-us/en-us",
}

// Installed reports whether the package is on this machine.
func (p Package) Installed() bool {
	m, ok := mark[p]
	if !ok {
		return false
	}
	if !filepath.IsAbs(m) {
		_, err := exec.LookPath(m)
		return err == nil
	}
	_, err := os.Stat(m)
	return err == nil
}

// AbsentError says which packages are not installed.
type AbsentError struct{ Packages []Package }

// Error names the packages and the command that installs them.
func (e *AbsentError) Error() string {
	names := make([]string, len(e.Packages))
	for i, p := range e.Packages {
		names[i] = string(p)
	}
	return "not installed: " + strings.Join(names, ", ") +
		" (apt-get install --no-install-recommends " + strings.Join(names, " ") + ")"
}

// Missing returns nil if every package of need is installed, else an
// *AbsentError. Without arguments it looks for all of them.
func Missing(need ...Package) error {
	if len(need) == 0 {
		need = All()
	}
	var absent []Package
	for _, p := range need {
		if !p.Installed() {
			absent = append(absent, p)
		}
	}
	if absent == nil {
		return nil
	}
	return &AbsentError{absent}
}
