#!/usr/bin/env bash
# The official clients (Scalekit's Node SDK, Svix's for JavaScript) against the emulator: each test file starts one.
# At the end it says which calls are covered, and which are not served and why. Arguments go to node --test; with any,
# not all tests may run, and nothing is said about coverage.
source "$(dirname "$0")/lib.sh"

node_modules
mkdir -p "$bin"
go build -o "$bin/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
export SCALEKIT_EMULATOR=$bin/scalekit-emulator
SCALEKIT_COVERAGE=$(mktemp -d)
export SCALEKIT_COVERAGE
trap 'rm -rf "$SCALEKIT_COVERAGE"' EXIT
cd internal/conformance
node --test --test-reporter=spec "$@"
if (($# == 0)); then node report.mjs "$SCALEKIT_COVERAGE"; fi
