# shellcheck shell=bash
# What the scripts of this folder share. To be sourced: it changes to the project's folder and defines functions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
bin=$root/.bin

# The OpenTofu that is built where neither terraform nor tofu is installed.
opentofu_version=1.12.6

# No test, demo or generated page may depend on the CLI configuration of whoever runs it.
export TF_CLI_CONFIG_FILE=$root/internal/tools/terraform.tfrc
export CHECKPOINT_DISABLE=1

# shellcheck source=build-cli.sh
source internal/tools/build-cli.sh

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
  cyclonedx-gomod) package=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 ;;
  golangci-lint) package=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 ;;
  goreleaser) package=github.com/goreleaser/goreleaser/v2@v2.17.0 ;;
  gremlins) package=github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0 ;;
  govulncheck) package=golang.org/x/vuln/cmd/govulncheck@v1.9.0 ;;
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

# find_cli: sets cli to the terraform or tofu to use, without building one; fails when there is none.
# SCALEKIT_CLI=tofu asks for OpenTofu.
find_cli() {
  if [[ ${SCALEKIT_CLI:-} != tofu ]] && command -v terraform >/dev/null; then
    cli=$(command -v terraform)
  elif command -v tofu >/dev/null; then
    cli=$(command -v tofu)
  elif cli_is_built tofu "$opentofu_version"; then
    cli=$bin/tofu-$opentofu_version/tofu
  else
    return 1
  fi
}

# use_cli: find_cli, or else build OpenTofu; tells terraform-plugin-testing which program it runs.
use_cli() {
  if ! find_cli; then
    build_cli tofu "$opentofu_version"
  fi
  export TF_ACC_TERRAFORM_PATH=$cli
  if [[ ${cli##*/} == tofu ]]; then
    export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=scalekit-inc
  fi
  say "Using $("$cli" version | head -n 1) ($cli)"
}

# The hosts that Terraform and OpenTofu put before the source scalekit-inc/scalekit.
provider_hosts=(registry.terraform.io registry.opentofu.org)

# provider_version: the newest version in the changelog, which a build from this folder takes the place of.
provider_version() {
  local version
  version=$(sed -n 's/^## \[\{0,1\}v\{0,1\}\([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)
  echo "${version:-0.1.0}"
}

# mirror_provider FOLDER: builds the provider into a filesystem mirror, in which init finds it as if it were released.
mirror_provider() {
  local version host target built=
  version=$(provider_version)
  for host in "${provider_hosts[@]}"; do
    target=$1/$host/scalekit-inc/scalekit/$version/$(go env GOOS)_$(go env GOARCH)/terraform-provider-scalekit_v$version$(go env GOEXE)
    mkdir -p "${target%/*}"
    if [[ -n $built ]]; then cp "$built" "$target"; else go build -ldflags "-X main.version=$version" -o "$target" .; fi
    built=$target
  done
}

# plugins_folder: where Terraform and OpenTofu look for providers unless their configuration says otherwise.
plugins_folder() {
  if [[ $(go env GOOS) == windows ]]; then echo "$APPDATA/terraform.d/plugins"; else echo "$HOME/.terraform.d/plugins"; fi
}

# programs_folder: where go install puts programs.
programs_folder() {
  local folder
  folder=$(go env GOBIN)
  echo "${folder:-$(go env GOPATH | cut -d: -f1)/bin}"
}

# start_emulator FOLDER ARGUMENT...: builds the emulator into FOLDER, unless it is there, starts it on a free port, and
# exports the SCALEKIT_* variables that it prints. emulator_pid is its process; stop_emulator ends it.
start_emulator() {
  local folder=$1
  shift
  if [[ ! -x $folder/scalekit-emulator ]]; then
    go build -o "$folder/scalekit-emulator" ./internal/emulator/cmd/scalekit-emulator
  fi
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
