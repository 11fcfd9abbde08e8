#!/usr/bin/env bash
# Every fault at every call of every resource, and a table of what came of it. Arguments go to go test, such as
# -run Organization in place of all. SCALEKIT_CLI=tofu does it with OpenTofu.
source "$(dirname "$0")/lib.sh"

use_cli
exec go run ./internal/tools/chaos "$@"
