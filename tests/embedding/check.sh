#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check.sh tree|installed BUILD: builds and runs the project beside this file as others would,
# in a clean folder, with takt from this tree or from what BUILD installs.
set -euo pipefail
way=$1 build=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/prefix" >/dev/null
takt=$folder/prefix/bin/takt
"$takt" --version
mkdir "$folder/machine"
cp "$here"/{CMakeLists.txt,main.cc} "$folder/machine"
"$takt" compile "$here/../../examples/rinse.json" --format c -o "$folder/machine/rinse.h"

case $way in
  tree) words=(-DTAKT_TREE="$here/../..") ;;
  installed) words=(-DCMAKE_PREFIX_PATH="$folder/prefix") ;;
esac
cmake -S "$folder/machine" -B "$folder/build" -G Ninja "${words[@]}" >/dev/null
ninja -C "$folder/build" machine
"$folder/build/machine" | tee "$folder/said"
grep -q '^finished after' "$folder/said"
if nm -C "$folder/build/machine" | grep -E 'json::(read|Walker)|rapidjson'; then
  echo "it reads compiled programs alone, and yet has JSON in it" >&2
  exit 1
fi
