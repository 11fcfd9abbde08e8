#!/usr/bin/env bash
# Changes the code of the packages whose tests are fast, one mutation at a time, and runs the package's tests: each mutation
# that they do not notice is printed. Arguments are packages, such as ./internal/retry; without any, all of them.
source "$(dirname "$0")/lib.sh"

least_killed=95 # percent of the mutations that tests cover

packages=("$@")
if ((${#packages[@]} == 0)); then
  packages=(./internal/retry ./internal/provider/run ./internal/provider/tf ./internal/svixportal ./internal/scalekit)
fi
tool gremlins
failed=
killed=0 lived=0 uncovered=0
for package in "${packages[@]}"; do
  say "Mutating $package"
  # One worker: tests of time-outs do not hold while others use the machine.
  if ! output=$("$bin/gremlins" unleash --workers 1 --threshold-efficacy "$least_killed" --timeout-coefficient 10 "$package" 2>&1); then
    failed+=" $package"
  fi
  grep -E '^ *(LIVED|NOT COVERED|TIMED OUT) ' <<<"$output" | sed "s|^|$package |" || true
  counts=$(sed -n 's/^Killed: \([0-9]*\), Lived: \([0-9]*\), Not covered: \([0-9]*\)$/\1 \2 \3/p' <<<"$output")
  [[ -n $counts ]] || die "no result for $package: $output"
  read -r one two three <<<"$counts"
  printf '%-28s killed=%d lived=%d not_covered=%d\n' "$package" "$one" "$two" "$three"
  killed=$((killed + one)) lived=$((lived + two)) uncovered=$((uncovered + three))
done
printf 'mutations killed=%d lived=%d not_covered=%d\n' "$killed" "$lived" "$uncovered"
[[ -z $failed ]] || die "fewer than $least_killed % of the covered mutations are killed in$failed"
