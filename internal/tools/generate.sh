#!/usr/bin/env bash
# Generates what is generated: the Go wire packages from Scalekit's published descriptors, and docs/ from the
# provider's schema, templates/ and examples/.
source "$(dirname "$0")/lib.sh"

tool protoc-gen-go
tool protoc-gen-connect-go
tool tfplugindocs
node_modules
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "Generating internal/scalekit-sdk-go"
sdk=$root/internal/scalekit-sdk-go
(
  cd internal/conformance
  node descriptors.mjs "$work/descriptors.binpb"
  PATH=$bin:$PATH node_modules/.bin/buf generate "$work/descriptors.binpb" --path scalekit/v1 --output "$work/generated/here"
)
[[ -d $work/generated/scalekit-sdk-go/pkg ]] || die "buf generated no packages"
if ! cmp -s "$work/descriptors.binpb" "$sdk/descriptors.binpb" || ! diff -qr "$work/generated/scalekit-sdk-go/pkg" "$sdk/pkg" >/dev/null 2>&1; then
  rm -rf "$sdk/pkg"
  mv "$work/generated/scalekit-sdk-go/pkg" "$sdk/pkg"
  cp "$work/descriptors.binpb" "$sdk/descriptors.binpb"
fi

say "Generating docs"
use_cli
"$cli" fmt -recursive examples
go run ./internal/tools/providerschema >"$work/schema.json"
"$bin/tfplugindocs" generate --provider-name scalekit --rendered-provider-name Scalekit \
  --providers-schema "$work/schema.json" >"$work/tfplugindocs.log" || {
  cat "$work/tfplugindocs.log" >&2
  die "tfplugindocs failed; its output is above"
}
