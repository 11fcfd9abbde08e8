#!/usr/bin/env bash
# Builds the emulator and runs it with the arguments given; Ctrl-C ends it.
source "$(dirname "$0")/lib.sh"

mkdir -p "$bin"
go build -o "$bin/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
exec "$bin/scalekit-emulator" "$@"
