#!/usr/bin/env bash
# Known vulnerabilities in what the provider and the emulator really call.
source "$(dirname "$0")/lib.sh"

tool govulncheck
exec "$bin/govulncheck" ./...
