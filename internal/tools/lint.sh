#!/usr/bin/env bash
# Everything that reads the code without running it. All checks run; the script fails when one of them did.
source "$(dirname "$0")/lib.sh"

failed=
# check NAME COMMAND...
check() {
  local name=$1
  shift
  if "$@"; then
    say "ok    $name"
  else
    say "FAIL  $name"
    failed+=", $name"
  fi
}

lock_file_without_addresses() {
  if grep -nE '"resolved"' internal/conformance/package-lock.json; then
    say "The lock file records download addresses. Run npm install in internal/conformance, whose .npmrc leaves them out."
    return 1
  fi
}

tool golangci-lint
check "golangci-lint (make fmt mends formatting)" "$bin/golangci-lint" run --allow-parallel-runners ./...
check "go.mod is tidy" go mod tidy -diff
check "go.mod of the wire packages is tidy" go -C internal/scalekit-sdk-go mod tidy -diff
check "package-lock.json" lock_file_without_addresses
if [[ -d examples ]]; then
  if find_cli; then
    check "examples are formatted (make fmt mends it)" "$cli" fmt -check -recursive -diff examples
  else
    say "skip  examples are formatted: neither terraform nor tofu is installed"
  fi
fi
if command -v shellcheck >/dev/null; then
  check "shellcheck" shellcheck -x -P SCRIPTDIR internal/tools/*.sh .ci/run
else
  say "skip  shellcheck: not installed"
fi
[[ -z $failed ]] || die "failed: ${failed#, }"
