# Five targets, and the same ones on a laptop and in CI.
# The Go toolchain that go.mod names comes through the Go module proxy.
export GOTOOLCHAIN = auto
export CGO_ENABLED = 0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOLANGCI = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ADDR ?= 127.0.0.1:8090
DEMO ?= demo_data
# A library that the compiler is measured on; the figure is left out when it cannot be fetched.
TDESIGN = bench/.cache/tdesign-miniprogram-1.16.0.tgz

.PHONY: run dev build test bench lint

# Build, start with demonstration data, print the address and the logins.
run: build
	./plaza serve --demo --http $(ADDR) --dir $(DEMO)

# The server from source beside Vite's server with hot reload: open the address that Vite prints.
dev: ui/node_modules/.installed ui/dist/index.html
	(cd ui && npm run dev) & go run . serve --demo --http $(ADDR) --dir $(DEMO)

build: ui/dist/index.html
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o plaza .

# Everything: lint, Go, UI units, and the browser stories in Chromium.
test: lint build
	go test ./...
	cd ui && npm test
	.ci/chromium
	cd ui && npm run e2e

# Ratios against a peer or a limit in the same run; writes bench/latest.json.
bench: build $(TDESIGN)
	.ci/chromium
	./plaza bench
	cd ui && node scripts/paint.mjs
	cd ui && node scripts/host.mjs
	cd ui && node scripts/components.mjs
	cd ui && node scripts/games.mjs

lint: ui/node_modules/.installed
	$(GOLANGCI) run
	cd ui && npm run check

$(TDESIGN):
	mkdir -p $(@D)
	-cd $(@D) && npm pack --silent tdesign-miniprogram@1.16.0

ui/node_modules/.installed: ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	touch $@

ui/dist/index.html: ui/node_modules/.installed $(shell find ui/src ui/public ui/*.ts ui/*.html ui/console -type f 2>/dev/null)
	cd ui && npm run build
