#!/usr/bin/env bash
# Many organizations, each with features, a domain and a role, through an emulator that refuses what is beyond its rate
# limit: apply, a plan that must find nothing to change, and destroy. Nothing may fail, and nothing may be left over.
# ORGANIZATIONS is how many, RATE how many calls a second are answered, PARALLELISM how many resources the CLI works on
# at once: several numbers are tried one after another. ARGUMENTS go to the emulator, such as --state FILE.
source "$(dirname "$0")/lib.sh"

organizations=${ORGANIZATIONS:-1000}
rate=${RATE:-50}
read -ra parallelisms <<<"${PARALLELISM:-10 50}"
need curl "It asks the emulator what there is."

work=$(mktemp -d)
watcher=
finish() {
  local status=$?
  trap - EXIT
  if [[ -n $watcher ]]; then kill "$watcher" 2>/dev/null || true; fi
  stop_emulator
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

use_cli
go build -o "$work/terraform-provider-scalekit" .
start_emulator "$work" --rate-limit "$rate" "$@"
cat >"$work/cli.tfrc" <<TFRC
provider_installation {
  dev_overrides {
    "registry.terraform.io/scalekit-inc/scalekit" = "$work"
    "registry.opentofu.org/scalekit-inc/scalekit" = "$work"
  }
}
TFRC
export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1 TF_INPUT=0

mkdir "$work/configuration"
cd "$work/configuration"
cat >main.tf <<'HCL'
terraform {
  required_providers {
    scalekit = {
      source = "scalekit-inc/scalekit"
    }
  }
}
HCL
# Blocks of their own, not count or for_each: what refers to one instance depends on all, and the CLI's graph of 1,000
# times 1,000 dependencies takes it longer than all calls.
for ((number = 0; number < organizations; number++)); do
  cat <<HCL
resource "scalekit_organization" "customer_$number" {
  display_name = "Customer $number"
  external_id  = "customer-$number"
  metadata     = { plan = "enterprise" }
}

resource "scalekit_organization_features" "customer_$number" {
  organization_id = scalekit_organization.customer_$number.id
  sso             = true
  scim            = true
}

resource "scalekit_organization_domain" "customer_$number" {
  organization_id = scalekit_organization.customer_$number.id
  domain          = "customer-$number.example"
}

resource "scalekit_organization_role" "customer_$number" {
  organization_id = scalekit_organization.customer_$number.id
  name            = "customer_${number}_admin"
  display_name    = "Administrator"
}

HCL
done >>main.tf

control() { curl -fsS "$@"; }

# watch_memory keeps the most memory that a provider process has had, in kilobytes, where the system tells.
watch_memory() {
  local most=0 process peak
  while sleep 0.5; do
    for process in /proc/[0-9]*; do
      [[ $(readlink "$process/exe" 2>/dev/null) == "$work/terraform-provider-scalekit" ]] || continue
      peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "$process/status" 2>/dev/null) || continue
      if ((${peak:-0} > most)); then
        most=$peak
        echo "$most" >"$work/memory"
      fi
    done
  done
}

# measure NAME COMMAND...: runs it and prints what it took.
measure() {
  local name=$1 begin=$SECONDS status=0 counts calls refused
  shift
  control -X DELETE "$SCALEKIT_ENVIRONMENT_URL/_emulator/requests"
  : >"$work/memory"
  watch_memory &
  watcher=$!
  "$@" >"$work/output.log" 2>&1 || status=$?
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" 2>/dev/null || true
  watcher=
  if ((status != 0)); then
    tail -n 60 "$work/output.log" >&2
    die "$name failed; the end of its output is above"
  fi
  counts=$(control "$SCALEKIT_ENVIRONMENT_URL/_emulator/requests/counts")
  calls=$(sum '":[0-9]+' "$counts")
  refused=$(sum '"RESOURCE_EXHAUSTED":[0-9]+' "$counts")
  printf '%-8s %5ds  %6d calls (%s for each organization), %5d refused and repeated, provider %s kB at most\n' \
    "$name" "$((SECONDS - begin))" "$calls" "$(awk "BEGIN { printf \"%.2f\", ($calls - $refused) / $organizations }")" \
    "$refused" "$(cat "$work/memory")"
  grep -oE '"[^"]+":\{[^}]*\}' <<<"$counts" | tr -d '"{}' | sed 's/^/           /'
}

# sum PATTERN TEXT: adds up the numbers at the end of what matches.
sum() { grep -oE "$1" <<<"$2" | awk -F: '{ sum += $2 } END { print sum + 0 }'; }

counts() { control "$SCALEKIT_ENVIRONMENT_URL/_emulator/counts"; }

beginning=$(counts)
for parallelism in "${parallelisms[@]}"; do
  printf '\n%d organizations, %d resources, %d calls a second, -parallelism=%d\n' \
    "$organizations" "$((4 * organizations))" "$rate" "$parallelism"
  measure apply "$cli" apply -auto-approve -no-color -parallelism="$parallelism"
  measure plan "$cli" plan -detailed-exitcode -no-color -parallelism="$parallelism"
  measure destroy "$cli" destroy -auto-approve -no-color -parallelism="$parallelism"
  [[ $(counts) == "$beginning" ]] || die "left over: $(counts); it began with $beginning"
done
printf '\nNothing failed, and nothing is left over.\n'
