#!/bin/sh
# install-debian.sh NAME...: installs the Debian packages that are missing, and only those.
# The benches and the client tests need real peers and clients; the server itself needs none of this.
set -eu

missing=''
for name in "$@"; do
  dpkg-query --show --showformat='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "This is no Debian: please install what corresponds to:$missing" >&2
  exit 3
fi
if [ "$(id -u)" != 0 ]; then
  echo "Please run as root: apt-get install --no-install-recommends$missing" >&2
  exit 3
fi

export DEBIAN_FRONTEND=noninteractive
# Two runs at once must wait for each other, and nothing may start a daemon on the standard ports.
lock='-o DPkg::Lock::Timeout=300'
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086 # both are lists of words
{
  apt-get $lock -q update
  apt-get $lock -q install -y --no-install-recommends $missing
} >&2
