#!/usr/bin/env bash
# The acceptance tests against a real Scalekit environment, and questions to it about all that is assumed. Arguments go to
# go test, before the packages.
source "$(dirname "$0")/lib.sh"

missing=
for variable in SCALEKIT_ENVIRONMENT_URL SCALEKIT_CLIENT_ID SCALEKIT_CLIENT_SECRET; do
  [[ -n ${!variable:-} ]] || missing+=" $variable"
done
[[ -z $missing ]] || die "not set:$missing. Use an environment made for tests: they create and delete organizations in it."

use_cli
say "Testing against $SCALEKIT_ENVIRONMENT_URL"
# One test at a time and never from the cache: an environment has one rate limit, and its own state.
export TF_ACC=1 SCALEKIT_TESTACC=1
status=0
# What the platform does where nothing says so; its report is to be seen, so it is run by itself.
go test -timeout 30m -count 1 -v "$@" ./internal/facts || status=$?
go test -timeout 60m -count 1 -p 1 -parallel 1 "$@" ./internal/provider/... || status=$?
exit "$status"
