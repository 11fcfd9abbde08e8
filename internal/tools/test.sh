#!/usr/bin/env bash
# All Go tests, acceptance tests included, against in-process emulators. Arguments go to go test, before the packages.
# RACE=1 turns the race detector on; PACKAGES chooses packages; SCALEKIT_CLI=tofu tests with OpenTofu.
source "$(dirname "$0")/lib.sh"

use_cli
if [[ -n ${RACE:-} ]]; then set -- -race "$@"; fi
# shellcheck disable=SC2086 # PACKAGES is a list
# Most tests wait for a terraform process or for a timeout, so more of them run at once than there are processors.
exec go test -timeout 20m -parallel 8 "$@" ${PACKAGES:-./...}
