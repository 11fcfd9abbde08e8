#!/usr/bin/env bash
# Every fuzz test, one after another, for FUZZTIME each (10s, or a number of runs such as 1000x). Arguments are names of
# tests, such as FuzzSeed; without any, all of them. What a test finds is kept under testdata/fuzz of its package: commit
# it together with the correction, and every later run of the tests tries it again.
source "$(dirname "$0")/lib.sh"

fuzztime=${FUZZTIME:-10s}
found=0
failed=
while IFS=: read -r file name; do
  if (($# > 0)) && [[ " $* " != *" $name "* ]]; then continue; fi
  found=$((found + 1))
  package=./$(dirname "$file")
  # Little time to make inputs smaller: what runs beside the test changes the coverage, and with it what seems to matter.
  if output=$(go test "$package" -run '^$' -fuzz "^$name\$" -fuzztime "$fuzztime" -fuzzminimizetime 20x 2>&1); then
    result=ok
  elif [[ $output == *'context deadline exceeded'* && $output != *'Failing input'* ]]; then
    result=ok # A busy machine: the time was up before a run had ended. Go calls that a failure of the test.
  else
    result=FAIL
    failed+=" $name"
  fi
  # The last line of progress has the total.
  execs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' <<<"$output" | tail -n 1)
  printf '%-5s %-22s %9s runs  %s\n' "$result" "$name" "${execs:-0}" "$package"
  if [[ $result == FAIL ]]; then printf '%s\n' "$output" | tail -n 40 | sed 's/^/      /'; fi
done < <(grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9]+' internal | sed 's/:func /:/' | sort)
((found > 0)) || die "there is no such fuzz test: $*"
[[ -z $failed ]] || die "failed:$failed"
