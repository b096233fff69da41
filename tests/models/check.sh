#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh MODEL [DEFINE]: all runs of MODEL keep its laws. With DEFINE, which spoils the model, at
# least one run must break them, or the model could not tell right from wrong.
set -eu

model=$(realpath "$1")
define=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

spin ${define:+"-D$define"} -a "$model" >spin.log || { cat spin.log; exit 1; }
"${CC:-cc}" -O2 -w -DSAFETY -DVECTORSZ=2048 -o pan pan.c
./pan -m100000 >pan.log

if ! grep -q '^State-vector' pan.log || grep -q 'max search depth too small' pan.log; then
  cat pan.log
  echo "the search did not go through"
  exit 1
fi
errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log)
grep -E 'states, stored|errors:' pan.log
if [ -z "$define" ] && [ "$errors" != 0 ]; then
  spin -k "$(basename "$model").trail" -t -p "$model" | tail -40
  exit 1
fi
if [ -n "$define" ] && [ "$errors" = 0 ]; then
  echo "$define changes nothing: the model does not see the fault"
  exit 1
fi
