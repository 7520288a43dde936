#!/bin/sh
# Installs the independent programs that the tests talk to (Debian packages),
# where it may; says what will be skipped where it may not. A daemon among them
# (Kamailio) may start with its installation: the tests run their own, on ports
# of their own.
set -u
PATH=$PATH:/usr/sbin
. "$(dirname "$0")/packages.sh"

# lacking lists the packages whose program or file is not here.
lacking() {
	for pair in sipp:sip-tester baresip:baresip-core kamailio:kamailio sipsak:sipsak linphonec:linphone-cli \
		espeak-ng:espeak-ng text2wave:festival sox:sox; do
		command -v "${pair%%:*}" >/dev/null 2>&1 || printf ' %s' "${pair#*:}"
	done
	[ -e /usr/share/festival/voices/russian/msu_ru_nsh_clunits ] || printf ' festvox-ru'
	ls /usr/lib/*/kamailio/modules/tls.so >/dev/null 2>&1 || printf ' kamailio-tls-modules'
}

install_missing "test peers" "tests that need these packages will be skipped"
exit 0
