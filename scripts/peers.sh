#!/bin/sh
# Installs the independent programs that the tests talk to (Debian packages),
# where it may; says what will be skipped where it may not.
set -u
missing=""
PATH=$PATH:/usr/sbin
for pair in sipp:sip-tester baresip:baresip-core kamailio:kamailio sipsak:sipsak linphonec:linphone-cli \
	espeak-ng:espeak-ng text2wave:festival sox:sox; do
	command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -z "$missing" ] && exit 0
case "$missing" in *festival*) missing="$missing festvox-ru" ;; esac
case "$missing" in *kamailio*) missing="$missing kamailio-tls-modules" ;; esac
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
	echo "installing test peers:$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >/dev/null 2>&1
	# shellcheck disable=SC2086
	if apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
		exit 0
	fi
	echo "the installation failed"
fi
echo "tests that need these packages will be skipped:$missing"
exit 0
