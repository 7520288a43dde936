package config

import "fmt"

// Limits are what no campaign and no scenario can exceed.
type Limits struct {
	Allow            []string `yaml:"allow"` // prefixes of numbers that may be called; empty: all
	Deny             []string `yaml:"deny"`  // prefixes that may not, whatever allow says
	CallsPerHour     int      `yaml:"calls_per_hour"`
	PerNumberPerHour *int     `yaml:"per_number_per_hour"`   // 0: no limit
	PerNumberPerDay  *int     `yaml:"per_number_per_day"`    // 0: no limit
	PerOperatorHour  *int     `yaml:"per_operator_per_hour"` // in place of both for operators at numbers; 0: no limit
}

// Ceilings of calls to one number if nothing is said: more than any shipped
// scenario plans, and few enough that a scenario gone wrong torments nobody.
const (
	DefaultPerNumberHour = 6
	DefaultPerNumberDay  = 20
	// DefaultPerOperatorHour: an operator whose number is rung each minute all
	// hour long is out, not busy.
	DefaultPerOperatorHour = 60
)

// NumberPerHour is how often one number may be called in an hour; 0: no limit.
func (l Limits) NumberPerHour() int { return orDefault(l.PerNumberPerHour, DefaultPerNumberHour) }

// NumberPerDay is how often one number may be called in 24 hours; 0: no limit.
func (l Limits) NumberPerDay() int { return orDefault(l.PerNumberPerDay, DefaultPerNumberDay) }

// OperatorPerHour is how often an operator's number may be called in an hour; 0:
// no limit.
func (l Limits) OperatorPerHour() int { return orDefault(l.PerOperatorHour, DefaultPerOperatorHour) }

func orDefault(n *int, def int) int {
	if n == nil {
		return def
	}
	return *n
}

func (k *checker) limits(c *Config) {
	for name, list := range map[string][]string{"allow": c.Limits.Allow, "deny": c.Limits.Deny} {
		for i, p := range list {
			if !prefix.MatchString(p) || p == "+" {
				k.fault(fmt.Sprintf("$.limits.%s[%d]", name, i), "%q is no prefix of an international number; write one with the plus sign, in quotes, such as \"+7\" or \"+7495\"", p)
			}
		}
	}
	l := c.Limits
	if l.CallsPerHour < 0 || l.NumberPerHour() < 0 || l.NumberPerDay() < 0 || l.OperatorPerHour() < 0 {
		k.fault("$.limits", "a limit cannot be negative; 0 sets none")
	}
}
