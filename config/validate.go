package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

func (k *checker) validate(c *Config) {
	k.sip(c)
	if c.Media.IP != "" {
		if _, err := netip.ParseAddr(c.Media.IP); err != nil {
			k.fault("$.media.ip", "%q is no IP address", c.Media.IP)
		}
	}
	if _, _, err := c.Media.PortRange(); err != nil {
		k.fault("$.media.ports", "%v", err)
	}
	k.trunks(c)
	k.limits(c)
	k.operators(c)
	k.speech(c)
	k.hearing(c)
	k.outgoing(c)
	k.serve(c)
	k.phones(c)
	if !slices.Contains([]string{"", "debug", "info", "warn", "error"}, c.Log.Level) {
		k.fault("$.log.level", "%q is no level; take debug, info, warn or error", c.Log.Level)
	}
}

// PortRange returns the first and the last RTP port.
func (m Media) PortRange() (from, to int, err error) {
	if n, _ := fmt.Sscanf(m.Ports, "%d-%d", &from, &to); n != 2 || from < 1024 || to > 65535 || to-from < 4 {
		return 0, 0, fmt.Errorf("%q is no range of ports; write from-to within 1024-65535, for example 20000-29998 (a call takes two)", m.Ports)
	}
	return from, to, nil
}

func (k *checker) operators(c *Config) {
	for name, g := range c.Operators {
		path := "$.operators." + name
		if len(g.Addresses) == 0 {
			k.fault(path, "the group %s has no addresses; add at least one such as sip:anna@10.0.0.5", name)
		}
		if !slices.Contains([]string{"", "colleagues", "numbers", "off"}, g.Transfer) {
			k.fault(path+".transfer", "%q is nobody to hand a call over to; take colleagues, numbers or off", g.Transfer)
		}
		if !slices.Contains(securities, g.SRTP) {
			k.fault(path+".srtp", "%q is no way to secure sound; take off, offered or required", g.SRTP)
		}
		if !slices.Contains([]string{"", "bridge", "refer"}, g.By) {
			k.fault(path+".by", "%q is no way to connect a person; take bridge or refer", g.By)
		}
		for i, a := range g.Addresses {
			if !c.operator(a) {
				k.fault(fmt.Sprintf("%s.addresses[%d]", path, i), "%q is no SIP address and no account in phones; write one such as sip:anna@10.0.0.5, or add the account", a)
			}
		}
	}
}

func (k *checker) speech(c *Config) {
	s := c.Speech
	switch s.Engine {
	case "", "none", "espeak-ng", "festival":
	case "command":
		if len(s.Command) == 0 {
			k.fault("$.speech.engine", "the engine `command` needs speech.command, a list of the program and its arguments")
		}
	case "http":
		if s.HTTP == nil || !isHTTP(c.Filled(s.HTTP.URL)) {
			k.fault("$.speech.engine", "the engine `http` needs speech.http.url")
		}
	default:
		k.fault("$.speech.engine", "%q is no speech engine; take none, espeak-ng, festival, command or http", s.Engine)
	}
	if s.Format != "wav" && s.Format != "s16le" {
		k.fault("$.speech.format", "%q is no audio format; take wav or s16le", s.Format)
	}
}

func (k *checker) outgoing(c *Config) {
	if c.SMS.URL != "" && !isHTTP(c.Filled(c.SMS.URL)) {
		k.fault("$.sms.url", "%q is no http(s) address", c.SMS.URL)
	}
	if c.SMS.URL != "" && c.SMS.File != "" {
		k.fault("$.sms.file", "sms has both url and file; keep one")
	}
	if c.SMS.Tries < 0 {
		k.fault("$.sms.tries", "tries cannot be negative; leave it out for 12")
	}
	for i, w := range c.Webhooks {
		if w.Tries < 0 {
			k.fault(fmt.Sprintf("$.webhooks[%d].tries", i), "tries cannot be negative; leave it out for 12")
		}
		if w.File != "" && w.URL != "" {
			k.fault(fmt.Sprintf("$.webhooks[%d].file", i), "a webhook has both url and file; make two of them")
		} else if w.File == "" && !isHTTP(w.URL) {
			k.fault(fmt.Sprintf("$.webhooks[%d].url", i), "%q is no http(s) address", w.URL)
		}
	}
}

// Roles are the roles of the API (see docs/configuration.md).
var Roles = []string{"admin", "supervisor", "operator", "partner", "crm"}

func (k *checker) serve(c *Config) {
	if _, err := netip.ParseAddrPort(c.Serve.Listen); err != nil {
		k.fault("$.serve.listen", "%q is no address; write IP:port, for example 127.0.0.1:8080", c.Serve.Listen)
	}
	for i, t := range c.Serve.Tokens {
		path := fmt.Sprintf("$.serve.tokens[%d]", i)
		if !slices.Contains(Roles, t.Role) {
			k.fault(path+".role", "%q is no role; take one of %s", t.Role, strings.Join(Roles, ", "))
		}
		if len(t.Token) < 16 && len(k.faults) == 0 {
			k.fault(path+".token", "the token of %s is shorter than 16 characters; take a random one", t.Name)
		}
	}
	for name, camp := range c.Campaigns {
		path := "$.campaigns." + name
		if camp.Scenario == "" {
			k.fault(path, "the campaign %s needs a scenario", name)
		}
		for _, t := range camp.Trunks {
			if !c.hasTrunk(t) {
				k.fault(path+".trunks", "the campaign %s names the trunk %s, which the file does not have", name, t)
			}
		}
	}
}

func isHTTP(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
