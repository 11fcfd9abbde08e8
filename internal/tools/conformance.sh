#!/usr/bin/env bash
# Scalekit's own Node SDK against the emulator: each test file starts one. Arguments go to node --test.
source "$(dirname "$0")/lib.sh"

node_modules
mkdir -p "$bin"
go build -o "$bin/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
export SCALEKIT_EMULATOR=$bin/scalekit-emulator
cd internal/conformance
exec node --test --test-reporter=spec "$@"
