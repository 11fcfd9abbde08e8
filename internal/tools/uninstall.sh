#!/usr/bin/env bash
# Takes away what make install has installed, in whichever version.
source "$(dirname "$0")/lib.sh"

plugins=$(plugins_folder)
programs=$(programs_folder)
for path in "${provider_hosts[@]/#/$plugins/}"; do
  path=$path/scalekit-inc/scalekit
  if [[ ! -d $path ]]; then continue; fi
  rm -rf "$path"
  echo "Removed $path"
  # And the folders that are empty now.
  rmdir -p "${path%/*}" 2>/dev/null || true
done
if [[ -f $programs/scalekit-emulator ]]; then
  rm "$programs/scalekit-emulator"
  echo "Removed $programs/scalekit-emulator"
fi
