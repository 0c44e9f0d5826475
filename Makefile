# Every target with its help after ##; `make` alone lists them.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 60s
SEEDS ?= 100000

.DEFAULT_GOAL := help
.PHONY: help run test check web gen format build bench fuzz sim shots clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start a rendezvous with the web client on this machine
	go run ./cmd/parley-rendezvous

test: ## install what is missing and run everything, as CI does
	bash .ci/run

check: ## what a change must pass first: formats, linters, types, web tests, fast Go tests
	bash .ci/run npm format vet biome types web-test
	go test -short ./...

web: web/node_modules/.installed ## build the web client into web/dist, which is committed
	cd web && npm run build

gen: ## write the schema and the TypeScript messages from the Go ones
	go generate ./...

format: web/node_modules/.installed ## format everything
	go run mvdan.cc/gofumpt@v0.12.0 -w $$(go list -f '{{.Dir}}' ./...)
	cd web && npm run format

build: ## build the programs into bin, without C
	mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/ ./cmd/...

bench: build ## measure the product beside its yardsticks
	bin/parley-bench

fuzz: ## every fuzz target for FUZZTIME (60s)
	FUZZTIME=$(FUZZTIME) FUZZLIMIT=0 bash .ci/run fuzz

sim: ## the room simulator, for SEEDS seeds (100000)
	go test ./pkg/room/roomtest -run '^TestInvariants$$' -v -timeout 0 -seeds $(SEEDS)

shots: web/node_modules/.installed ## walk the journeys and leave every page's pictures in .ci/out/journeys
	cd web && npm run journeys

clean: ## remove what was built and what CI left
	rm -rf bin .ci/out

web/node_modules/.installed: web/package-lock.json
	bash .ci/run npm
