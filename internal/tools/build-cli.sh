# shellcheck shell=bash
# Terraform and OpenTofu from their Go modules, for machines that have neither and for tests with other versions than the
# installed one. Sourced by lib.sh.
# shellcheck disable=SC2154 # lib.sh sets bin

# cli_is_built NAME VERSION: whether .bin/NAME-VERSION has it.
cli_is_built() { current "$1-$2" "$(cli_module "$1")@v$2"; }

cli_module() {
  case $1 in
  terraform) echo github.com/hashicorp/terraform ;;
  tofu) echo github.com/opentofu/opentofu ;;
  *) die "there is no CLI $1: choose terraform or tofu" ;;
  esac
}

# build_cli NAME VERSION: builds .bin/NAME-VERSION/NAME unless it is there, and sets cli to it.
build_cli() {
  local name=$1 version=$2 module work status=0
  module=$(cli_module "$name")
  # shellcheck disable=SC2034 # for whoever sources this
  cli=$bin/$name-$version/$name
  if cli_is_built "$name" "$version"; then return; fi
  say "Building $name $version into .bin/. This takes some minutes, and happens once."
  work=$(mktemp -d)
  mkdir -p "${cli%/*}"
  (
    cd "$work" && export GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0 &&
      "${name}_source" "$module" "v$version" &&
      go build -trimpath -ldflags "-s -w -X $module/version.dev=no" -o "$cli" "$package"
  ) || status=$?
  chmod -R u+w "$work"
  rm -rf "$work"
  ((status == 0)) || die "could not build $name $version. Install terraform or tofu, put it on the PATH, and try again."
  pin "$name-$version" "$module@v$version"
}

# module_folder MODULE VERSION: downloads it, and says where it is.
module_folder() {
  go mod init build 2>/dev/null &&
    go mod edit -require "$1@$2" &&
    go mod download "$1" &&
    go list -m -f '{{.Dir}}' "$1"
}

# tofu_source MODULE VERSION: makes this folder a module that builds OpenTofu; package is its main package. Replace
# directives count only in the main module, so OpenTofu's are repeated.
tofu_source() {
  local folder
  folder=$(module_folder "$1" "$2") || return
  awk '/^replace \(/ { block = 1; next } /^\)/ { block = 0 } block { print "replace", $0 } /^replace [^(]/' \
    "$folder/go.mod" >>go.mod
  cat "$folder/go.sum" >>go.sum
  package=$1/cmd/tofu
}

# terraform_source MODULE VERSION: makes this folder Terraform's module. Most remote-state backends are modules of their
# own since Terraform 1.9, which its archive does not hold, and no test uses one. So all but two are left out.
terraform_source() {
  local folder init=internal/backend/init/init.go nested
  folder=$(module_folder "$1" "$2") || return
  rm go.mod
  cp -R "$folder/." . && chmod -R u+w . || return
  awk '
    /internal\/backend\/remote-state\// && !/\/(http|inmem)"/ { dropped[$1 "."]; next }
    { for (backend in dropped) if (index($0, backend)) next; print }
  ' "$folder/$init" >"$init" || return
  while read -r nested; do
    go mod edit -dropreplace "$nested" -droprequire "$nested" || return
  done < <(awk '/=> \.\// { print ($1 == "replace" ? $2 : $1) }' "$folder/go.mod")
  package=.
}
