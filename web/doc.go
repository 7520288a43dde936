// Package web is the HTTP API of the service: leads pushed by a CRM, campaigns
// paused and resumed, lists and histories read, do-not-call numbers kept, dead
// deliveries replayed, live events watched. OpenAPI 3.1 is at /openapi.json,
// health at /healthz and /readyz, metrics at /metrics.
//
// It checks who asks and what was asked, and translates; every decision lies
// behind the ports in ports.go. It must never know a database, SIP, or how a
// campaign decides. Bodies, headers and tokens are hostile until checked.
package web
