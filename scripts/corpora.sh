#!/bin/sh
# Installs the Debian packages that `make hearing` measures on, where it may;
# says what will be skipped where it may not.
set -u
. "$(dirname "$0")/packages.sh"
go=${GO:-go}

# lacking lists the packages that are missing, as the program itself knows them.
lacking() {
	"$go" run ./cmd/hearing -list | sed -n 's/.*apt-get install --no-install-recommends \(.*\))$/\1/p'
}

install_missing corpora "bars that need these packages will be skipped"
exit 0
