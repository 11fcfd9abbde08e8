# shellcheck shell=bash
# What the scripts of this folder share. To be sourced: it changes to the project's folder and defines functions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
bin=$root/.bin

opentofu_version=v1.12.6

# No test, demo or generated page may depend on the CLI configuration of whoever runs it.
export TF_CLI_CONFIG_FILE=$root/internal/tools/terraform.tfrc
export CHECKPOINT_DISABLE=1

say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# need COMMAND HINT: stops with the hint when the command is not installed.
need() { command -v "$1" >/dev/null || die "$1 is not installed. $2"; }

# current NAME PIN: whether .bin/NAME was built from PIN by this Go.
current() { [[ -x $bin/$1 && $(cat "$bin/.$1.pin" 2>/dev/null) == "$2 $(go env GOVERSION)" ]]; }

# pin NAME PIN: notes what .bin/NAME was built from.
pin() { printf '%s\n' "$2 $(go env GOVERSION)" >"$bin/.$1.pin"; }

# tool NAME: builds a pinned Go program into .bin/, unless that very version is there.
tool() {
  local package
  case $1 in
  golangci-lint) package=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 ;;
  protoc-gen-connect-go) package=connectrpc.com/connect/cmd/protoc-gen-connect-go@v1.21.1 ;;
  protoc-gen-go) package=google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12 ;;
  tfplugindocs) package=github.com/hashicorp/terraform-plugin-docs/cmd/tfplugindocs@v0.25.0 ;;
  *) die "lib.sh knows no tool named $1" ;;
  esac
  if current "$1" "$package"; then return; fi
  say "Installing $package into .bin/"
  mkdir -p "$bin"
  GOBIN=$bin go install "$package" || die "could not build $package"
  pin "$1" "$package"
}

# node_modules: installs the pinned npm packages of internal/conformance, unless they are there.
node_modules() {
  need node "Install Node.js 18 or newer."
  need npm "Install npm, which comes with Node.js."
  local pins=internal/conformance/node_modules/.pins wanted
  wanted=$(cksum internal/conformance/package.json internal/conformance/package-lock.json)
  if [[ $(cat "$pins" 2>/dev/null) == "$wanted" ]]; then return; fi
  # Not npm ci: that wants every platform's buf in the lock file, and only Linux's is in every registry.
  rm -rf internal/conformance/node_modules
  npm install --prefix internal/conformance --no-save --loglevel=error >&2 || die "could not install the npm packages of internal/conformance"
  printf '%s\n' "$wanted" >"$pins"
}

# build_tofu: OpenTofu from its Go module, once, as .bin/tofu.
build_tofu() {
  local module=github.com/opentofu/opentofu
  if current tofu "$module@$opentofu_version"; then return; fi
  say "Building OpenTofu $opentofu_version into .bin/. This takes some minutes, and happens once."
  local work status=0
  work=$(mktemp -d)
  mkdir -p "$bin"
  # A module of its own: a module's replace directives count only in the main module, so OpenTofu's are repeated.
  (
    cd "$work" && export GOFLAGS=-mod=mod GOWORK=off &&
      go mod init opentofu-build 2>/dev/null &&
      go mod edit -require "$module@$opentofu_version" &&
      go mod download "$module" &&
      folder=$(go list -m -f '{{.Dir}}' "$module") &&
      awk '/^replace \(/ { block = 1; next } /^\)/ { block = 0 } block { print "replace", $0 } /^replace [^(]/' \
        "$folder/go.mod" >>go.mod &&
      cat "$folder/go.sum" >>go.sum &&
      go build -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$bin/tofu" "$module/cmd/tofu"
  ) || status=$?
  rm -rf "$work"
  ((status == 0)) || die "could not build OpenTofu. Install terraform or tofu, put it on the PATH, and try again."
  pin tofu "$module@$opentofu_version"
}

# find_cli: sets cli to the terraform or tofu to use, without building one; fails when there is none.
# SCALEKIT_CLI=tofu asks for OpenTofu.
find_cli() {
  if [[ ${SCALEKIT_CLI:-} != tofu ]] && command -v terraform >/dev/null; then
    cli=$(command -v terraform)
  elif command -v tofu >/dev/null; then
    cli=$(command -v tofu)
  elif current tofu "github.com/opentofu/opentofu@$opentofu_version"; then
    cli=$bin/tofu
  else
    return 1
  fi
}

# use_cli: find_cli, or else build OpenTofu; tells terraform-plugin-testing which program it runs.
use_cli() {
  if ! find_cli; then
    build_tofu
    cli=$bin/tofu
  fi
  export TF_ACC_TERRAFORM_PATH=$cli
  if [[ ${cli##*/} == tofu ]]; then
    export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=scalekit-inc
  fi
  say "Using $("$cli" version | head -n 1) ($cli)"
}

# start_emulator FOLDER ARGUMENT...: builds the emulator into FOLDER, starts it on a free port, and exports the
# SCALEKIT_* variables that it prints. emulator_pid is its process; stop_emulator ends it.
start_emulator() {
  local folder=$1
  shift
  go build -o "$folder/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
  "$folder/scalekit-emulator" --listen 127.0.0.1:0 "$@" >"$folder/emulator.env" 2>"$folder/emulator.log" &
  emulator_pid=$!
  local tries
  for ((tries = 0; tries < 150; tries++)); do
    if [[ $(grep -c '^export SCALEKIT_' "$folder/emulator.env") -ge 3 ]]; then
      # shellcheck source=/dev/null
      source "$folder/emulator.env"
      return
    fi
    kill -0 "$emulator_pid" 2>/dev/null || break
    sleep 0.1
  done
  cat "$folder/emulator.env" "$folder/emulator.log" >&2
  die "the emulator did not start; its output is above"
}

stop_emulator() {
  if [[ -n ${emulator_pid:-} ]]; then
    kill "$emulator_pid" 2>/dev/null || true
    wait "$emulator_pid" 2>/dev/null || true
    emulator_pid=
  fi
}
