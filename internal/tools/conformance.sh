#!/usr/bin/env bash
# Scalekit's own Node SDK and Svix's own JavaScript client against the emulator: each test file starts one. Arguments go
# to node --test. At the end stands what the emulator does not serve of what the two offer.
source "$(dirname "$0")/lib.sh"

node_modules
mkdir -p "$bin"
go build -o "$bin/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
export SCALEKIT_EMULATOR=$bin/scalekit-emulator
cd internal/conformance
node --test --test-reporter=spec "$@"
node unserved.mjs
