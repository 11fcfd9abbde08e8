#!/usr/bin/env bash
# Formats Go code and examples.
source "$(dirname "$0")/lib.sh"

tool golangci-lint
"$bin/golangci-lint" fmt ./...
if [[ -d examples ]] && find_cli; then "$cli" fmt -recursive examples; fi
