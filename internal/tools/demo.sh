#!/usr/bin/env bash
# examples/onboarding from init to a second plan that finds no changes, and its reading back, against an emulator of its own.
# Everything happens in a temporary folder, which is removed at the end. EXAMPLE chooses another folder. ARCHIVES is a folder
# with the archives of a release, and VERSION its version, to run those in place of what is built here.
source "$(dirname "$0")/lib.sh"

example=${EXAMPLE:-examples/onboarding}
[[ -f $example/main.tf ]] || die "$example has no main.tf"
work=$(mktemp -d)
steps=0
finish() {
  local status=$?
  trap - EXIT
  stop_emulator
  rm -rf "$work"
  if ((status != 0)); then say "The demo failed in step $steps."; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m' color=(); else bold='' plain='' color=(-no-color); fi
step() {
  steps=$((steps + 1))
  printf '\n%s%d. %s%s\n' "$bold" "$steps" "$*" "$plain"
}

# quietly COMMAND ARGUMENT...: runs a command of the CLI, and shows what it printed only if it failed.
quietly() {
  "$cli" "$@" -no-color >"$work/quiet.log" || {
    cat "$work/quiet.log"
    die "$1 failed"
  }
}

use_cli
name=${cli##*/}

if [[ -n ${ARCHIVES:-} ]]; then
  step "Unpack the emulator, and start it"
  version=${VERSION:?which version are the archives of}
  platform=$(go env GOOS)_$(go env GOARCH)
  for host in "${provider_hosts[@]}"; do
    # A mirror may hold archives as they are released.
    mkdir -p "$work/mirror/$host/scalekit-inc/scalekit"
    cp "$ARCHIVES/terraform-provider-scalekit_${version}_$platform.zip" "$work/mirror/$host/scalekit-inc/scalekit/"
  done
  unzip -q "$ARCHIVES/scalekit-emulator_${version}_$platform.zip" scalekit-emulator -d "$work"
else
  step "Build the provider and the emulator, and start the emulator"
  mirror_provider "$work/mirror"
fi
cat >"$work/cli.tfrc" <<TFRC
provider_installation {
  filesystem_mirror {
    path    = "$work/mirror"
    include = ["registry.terraform.io/scalekit-inc/scalekit", "registry.opentofu.org/scalekit-inc/scalekit"]
  }
  direct {
    exclude = ["registry.terraform.io/scalekit-inc/scalekit", "registry.opentofu.org/scalekit-inc/scalekit"]
  }
}
TFRC
export TF_CLI_CONFIG_FILE=$work/cli.tfrc TF_IN_AUTOMATION=1 TF_INPUT=0
if [[ -f $example/seed.json ]]; then
  start_emulator "$work" --seed "$example/seed.json"
else
  start_emulator "$work"
fi
echo "The emulator listens on $SCALEKIT_ENVIRONMENT_URL"

cp -R "$example" "$work/configuration"
cd "$work/configuration"
find . \( -name .terraform -o -name .terraform.lock.hcl -o -name "terraform.tfstate*" \) -prune -exec rm -rf {} +

step "$name init"
# Of its output only what it installs: the rest is about lock files, which this throwaway folder does not keep.
quietly init
grep '^- ' "$work/quiet.log"

step "$name plan"
"$cli" plan "${color[@]+"${color[@]}"}" -out=tfplan

step "$name apply"
"$cli" apply "${color[@]+"${color[@]}"}" tfplan

step "$name plan, again: it must find no changes"
status=0
"$cli" plan "${color[@]+"${color[@]}"}" -detailed-exitcode || status=$?
case $status in
0) ;;
2) die "the second plan found changes (above), although nothing had changed" ;;
*) die "the second plan failed" ;;
esac

summary="applied, and the second plan found no changes"

if [[ -f read/main.tf ]]; then
  step "Read back the customers' directories, groups and users"
  cd read
  quietly init
  quietly apply -auto-approve
  "$cli" output "${color[@]+"${color[@]}"}"
  summary="applied, the second plan found no changes, and what is there was read back"
fi

printf '\n%sDone: %s.%s\n' "$bold" "$summary" "$plain"
