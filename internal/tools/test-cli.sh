#!/usr/bin/env bash
# The provider's tests with the CLIs at the ends of what the README promises, each built once from its Go module. A test
# of something that an older CLI does not know runs on the newer ones alone. CLI chooses, as in CLI="terraform@1.5.0";
# PACKAGES chooses packages; arguments go to go test.
source "$(dirname "$0")/lib.sh"

# The oldest of each, the first with list resources and actions, and the newest.
read -ra clis <<<"${CLI:-terraform@1.5.0 tofu@1.8.0 terraform@1.14.9 terraform@1.16.4}"
read -ra packages <<<"${PACKAGES:-./internal/provider/...}"

results=
failed=0
for one in "${clis[@]}"; do
  [[ $one == *@* ]] || die "say which version, as in CLI=${one%%@*}@1.14.9"
  build_cli "${one%@*}" "${one#*@}"
  log=$bin/test-$one.log
  begin=$SECONDS
  result=passed
  # It is first on the PATH, so that use_cli finds it as an installed one.
  (
    export PATH=${cli%/*}:$PATH SCALEKIT_CLI=${one%@*}
    use_cli
    exec go test -v -count 1 -timeout 30m -parallel 8 "$@" "${packages[@]}"
  ) >"$log" || {
    result=FAILED
    failed=$((failed + 1))
    grep -E -A 30 -e '^ *--- FAIL' -e '^panic:' -e '\[build failed\]' "$log" | head -n 200 >&2
    say "All of it: $log"
  }
  line=$(printf '%-7s %-18s %4d tests, %2d of what it does not know, %4ds' "$result" "${one/@/ }" \
    "$(grep -cE '^ *--- PASS' "$log")" "$(grep -cE '^ *--- SKIP' "$log")" "$((SECONDS - begin))")
  say "$line"
  results+=$line$'\n'
done
printf '\n%s' "$results"
((failed == 0))
