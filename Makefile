# dozvon: `make help` lists what is here.
GO      ?= go
BIN     := bin/dozvon
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export CGO_ENABLED = 1

.DEFAULT_GOAL := help
.PHONY: help build demo test check lint fuzz soak bench phonemodel wideear hearing clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the binary, bin/dozvon
	$(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o $(BIN) ./cmd/dozvon

demo: build ## three campaigns over real SIP and RTP on loopback, nothing to configure
	$(BIN) demo

test: ## every test; installs missing peers (SIPp, baresip, …) where it may, else says what it skips
	@./scripts/peers.sh
	$(GO) build -race ./...
	$(GO) test -race -p 1 -timeout 12m ./... # one package at a time: they play calls in real time

check: ## formatting, vet, import directions
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these files"; exit 1; }
	$(GO) vet ./...
	$(GO) test ./internal/layers

lint: ## golangci-lint at the version pinned in tools/go.mod
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

FUZZTIME ?= 20s
fuzz: ## each fuzz target for FUZZTIME (20s)
	@./scripts/fuzz.sh $(FUZZTIME)

SOAK ?= 15m
soak: ## 300 calls with joins and hang-ups at random for 15 minutes (SOAK=…)
	$(GO) test ./calls -run '^TestSoak$$' -v -timeout 60m -args -soak $(SOAK) -soak.calls 300

bench: build ## the benchmarks behind the published figures
	$(BIN) bench

phonemodel: ## trains the network that hears Russian words anew, from Debian's festvox-ru
	$(GO) run ./cmd/phonemodel

wideear: ## fits the table by which pocketsphinx hears telephone sound, from festvox-ru and synthetic voices
	$(GO) run ./cmd/wideear

hearing: ## how well dozvon hears: every bar, and docs/hearing.md; installs the corpora's packages where it may
	@./scripts/corpora.sh
	nice $(GO) run ./cmd/hearing

clean: ## remove what was built
	rm -rf bin
