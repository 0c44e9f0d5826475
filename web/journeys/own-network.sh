#!/usr/bin/env bash
# Runs a command in a network namespace of its own: loopback, and an interface
# `wan` whose other end leads nowhere. Links then use an address that a journey
# can take away, and nothing can reach beyond this machine. Where a namespace
# cannot be made (it takes root on Linux), the command runs as it is and
# says so; journeys that need the namespace are skipped then.
set -euo pipefail

if ! unshare --net true 2>/dev/null || ! command -v ip >/dev/null; then
  echo 'own-network: no network namespace here (it takes root on Linux, unshare and ip): the lost-network journey is skipped' >&2
  exec "$@"
fi
# shellcheck disable=SC2016 # the inner shell expands these
exec unshare --net bash -euc '
  ip link set lo up
  ip link add wan type veth peer name beyond
  ip link set beyond up
  ip address add 192.0.2.1/24 dev wan
  ip link set wan up
  export PARLEY_OWN_NETWORK=wan PARLEY_OWN_ADDRESS=192.0.2.1
  exec "$@"
' own-network "$@"
