// Package app composes the rooms into programs: one campaign from a base
// (Run), the service (Serve), the demonstration (Demo). It holds no decision
// about calls: those are the dialer's and the scenarios'.
package app
