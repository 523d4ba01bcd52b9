# Every door of the project; CI uses the same names. `make` alone lists them.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
FUZZTIME ?= 30s
BENCH    ?= .
PKG      ?= ./...

# One static binary: no cgo, no paths of the machine that built it. The version
# comes from git describe, so Go need not ask git a second time.
export CGO_ENABLED = 0
BUILD = -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'

GOLANGCI = .cache/bin/golangci-lint
GATEWAY  = .cache/bin/versitygw

.DEFAULT_GOAL := help
.PHONY: help run build test race e2e golden fuzz bench lint fmt verify torture needs clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

# Works on a copy, so that nothing under examples/ changes. Without a terminal (CI,
# a pipe) the same notebook is run headless and printed.
run: build ## build, then open the tour (without a terminal: run and print it)
	@.ci/tour

build: ## build bin/nbterm, one static binary
	@mkdir -p bin
	$(GO) build $(BUILD) -o bin/nbterm ./cmd/nbterm

needs: ## install by apt what the tests need and is missing
	@.ci/needs

test: needs $(GATEWAY) ## all tests, with real kernels; installs what they need first
	NBTERM_REQUIRE_KERNELS=1 $(GO) test -timeout 20m $(PKG)

race: needs $(GATEWAY) ## all tests under the race detector (needs a C compiler)
	NBTERM_REQUIRE_KERNELS=1 CGO_ENABLED=1 $(GO) test -race -timeout 40m $(PKG)

e2e: needs ## only the scripts and terminal sessions that drive the real binary
	NBTERM_REQUIRE_KERNELS=1 $(GO) test -count=1 -timeout 20m -run '^(TestScript|TestE2E)' ./cmd/...

golden: ## write the golden files anew; read the difference before committing it
	@.ci/golden '$(GO)' '$(PKG)'

fuzz: ## fuzz every parser, FUZZTIME=30s each
	@.ci/fuzz '$(GO)' '$(FUZZTIME)' '$(PKG)'

bench: ## all benchmarks; BENCH=regexp picks some
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m $(PKG)

torture: needs $(GATEWAY) ## kills, full disks, races at full scale; half an hour, prints seeds and figures
	@.ci/torture '$(GO)'

lint: $(GOLANGCI) ## gofmt, go vet, golangci-lint with the import rule
	$(GO) vet $(PKG)
	$(GOLANGCI) run $(PKG)

fmt: $(GOLANGCI) ## format the code
	$(GOLANGCI) fmt

verify: lint test race ## what must hold before a release
	$(GO) mod verify

clean: ## remove what was built
	rm -rf bin .cache

# The linter is pinned in a module of its own, so that its 200 dependencies stay
# out of ours; it is built once and rebuilt when the pin moves.
$(GOLANGCI): .tools/go.mod .tools/go.sum
	@echo 'building the linter pinned in .tools/go.mod (once, some minutes)'
	@mkdir -p $(@D)
	@cd .tools && $(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

# The S3 server of the tests, pinned likewise.
$(GATEWAY): .tools/s3/go.mod .tools/s3/go.sum
	@echo 'building the S3 server pinned in .tools/s3/go.mod (once, a minute)'
	@mkdir -p $(@D)
	@cd .tools/s3 && $(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o ../../$@ github.com/versity/versitygw/cmd/versitygw
	@touch $@
