# Needs GNU make, Go and a C++ compiler, because the columnar engine is linked in. Everything else is fetched at pinned versions by
# the go command, and the pages' pictures by npm where it is installed.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
ERRCHECK    := github.com/kisielk/errcheck@v1.30.0
FUZZTIME    ?= 60s

.DEFAULT_GOAL := help
.PHONY: help demo test build assets browser vet lint unit race slow fuzz bench docs clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: build ## simulate a company, close its books and serve its pages (all data simulated)
	bin/throughline demo --dir out/demo

test: vet lint unit ## everything that must hold: vet, staticcheck, errcheck, all tests

build: assets ## build bin/throughline, with the pages' pictures where npm is installed
	$(GO) build -o bin/throughline ./cmd/throughline

assets: ## build the pages' pictures from npm's packages; without npm the pages show tables alone
	@.ci/assets

browser: ## every page in headless Chromium: axe-core, widths, keys, right to left, paper, words, weight
	GO="$(GO)" .ci/browser

vet:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...

lint:
	$(GO) run $(STATICCHECK) ./...
	GO="$(GO)" .ci/errcheck $(ERRCHECK)

unit:
	.ci/postgres
	.ci/people
	.ci/journal
	$(GO) test -timeout 30m ./...

race: ## the tests of the packages without the columnar engine, under the race detector
	.ci/race

slow: ## the tests that take minutes: the simulated coverage of the intervals
	$(GO) test ./growth -run Coverage -slow -timeout 60m -v
	$(GO) test ./regress -run Coverage -slow -timeout 60m -v
	$(GO) test ./survival -run Coverage -slow -timeout 60m -v
	$(GO) test ./clv -run TestTruth -slow -timeout 60m -v
	$(GO) test ./equity -run TestTruth -slow -timeout 60m -v

fuzz: ## every fuzz target for FUZZTIME each (default 60s)
	.ci/fuzz $(FUZZTIME)

bench: ## measure import and close at size (simulated books)
	$(GO) run ./bench

docs: ## regenerate what the documentation takes from the code
	$(GO) test ./cmd/throughline -run TestBooksTable -update-docs
	$(GO) test ./internal/sealed -run TestFiguresTable -update-docs

clean: ## remove what was built
	rm -rf bin out internal/web/assets/built/*.js
