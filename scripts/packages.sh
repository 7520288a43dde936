# Sourced by the scripts that need Debian packages: install_missing WHAT EFFECT
# installs those that the caller's function lacking lists, where it may; for
# those that are missing still it says that EFFECT. WHAT names them for people.
install_missing() {
	missing=$(lacking | xargs)
	[ -z "$missing" ] && return
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
		echo "installing $1: $missing"
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq >/dev/null 2>&1
		# shellcheck disable=SC2086
		if ! apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; then
			for package in $missing; do # one that this system does not have keeps no other away
				apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1
			done
		fi
		missing=$(lacking | xargs)
		[ -z "$missing" ] && return
		echo "the installation of these failed: $missing"
	fi
	echo "$2: $missing"
}
