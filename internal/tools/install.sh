#!/usr/bin/env bash
# Installs the provider where terraform init and tofu init look by themselves, and the emulator beside other Go programs.
# make uninstall takes both away again.
config=${TF_CLI_CONFIG_FILE:-}
source "$(dirname "$0")/lib.sh"

plugins=$(plugins_folder)
programs=$(programs_folder)
mirror_provider "$plugins"
GOBIN=$programs go install ./internal/emulator/cmd/scalekit-emulator
cat <<TEXT
Installed version $(provider_version) of the provider in $plugins,
where "terraform init" and "tofu init" find it. A folder that was initialized with another build
has to forget it: delete its .terraform.lock.hcl, and run init again.

Installed $programs/scalekit-emulator
TEXT
if [[ $(command -v scalekit-emulator) != "$programs/scalekit-emulator" ]]; then
  cat <<TEXT
That folder is not on your PATH, or another emulator comes first there. For this shell:

  export PATH="$programs:\$PATH"
TEXT
fi

for file in ${config:+"$config"} "$HOME/.terraformrc" "$HOME/.tofurc"; do
  if [[ -f $file ]] && grep -q '^[^#]*provider_installation' "$file"; then
    cat <<TEXT

$file says where providers come from, so the CLI looks nowhere else.
Add this to its provider_installation block:

  filesystem_mirror {
    path    = "$plugins"
    include = ["*/scalekit-inc/scalekit"]
  }
TEXT
  fi
done
