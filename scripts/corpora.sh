#!/bin/sh
# Installs the Debian packages that `make hearing` measures on, where it may;
# says what will be skipped where it may not.
set -u
go=${GO:-go}

# lacking lists the packages that are missing, as the program itself knows them.
lacking() {
	"$go" run ./cmd/hearing -list | sed -n 's/.*apt-get install --no-install-recommends \(.*\))$/\1/p'
}

missing=$(lacking)
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "installing corpora: $missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >/dev/null 2>&1
	# shellcheck disable=SC2086
	if ! apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
		for package in $missing; do # one that this system does not have keeps no other away
			apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1
		done
	fi
	missing=$(lacking)
	[ -z "$missing" ] && exit 0
	echo "the installation of these failed: $missing"
fi
echo "bars that need these packages will be skipped: $missing"
exit 0
