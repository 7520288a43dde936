#!/bin/sh
# Installs the independent programs that the tests talk to (Debian packages),
# where it may; says what will be skipped where it may not. A daemon among them
# (Kamailio) may start with its installation: the tests run their own, on ports
# of their own.
set -u
PATH=$PATH:/usr/sbin

# lacking lists the packages whose program or file is not here.
lacking() {
	for pair in sipp:sip-tester baresip:baresip-core kamailio:kamailio sipsak:sipsak linphonec:linphone-cli \
		espeak-ng:espeak-ng text2wave:festival sox:sox; do
		command -v "${pair%%:*}" >/dev/null 2>&1 || printf ' %s' "${pair#*:}"
	done
	[ -e /usr/share/festival/voices/russian/msu_ru_nsh_clunits ] || printf ' festvox-ru'
	ls /usr/lib/*/kamailio/modules/tls.so >/dev/null 2>&1 || printf ' kamailio-tls-modules'
}

missing=$(lacking)
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "installing test peers:$missing"
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
	echo "the installation of these failed:$missing"
fi
echo "tests that need these packages will be skipped:$missing"
exit 0
