// Package config reads dozvon's configuration file: trunks, operators, speech,
// gateways, limits. It decodes strictly, then fills defaults, then validates,
// and reports every fault with its line.
//
// Secrets are written in the file as ${NAME} and come from the environment,
// or stand in a file of their own (password_file). The package must never
// know SIP, a database or a running campaign.
package config
