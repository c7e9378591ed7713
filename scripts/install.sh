# shellcheck shell=bash
# Installs a package of the operating system where the machine lets us, and says what to do where it does not.
# To be sourced. The caller defines `die`.

# Runs the arguments as root, or fails when nobody here may be root.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
    sudo "$@"
  else
    return 1
  fi
}

# Whether packages can be installed here at all: apt, and root or sudo.
can_install() {
  command -v apt-get >/dev/null && as_root true
}

# Installs the packages named. Waits for another package manager that is at work on this machine.
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confold install -y --no-install-recommends "$@" >&2
}

# Holds a lock of this user while the arguments run, so that two starts at once install once.
while_installing() {
  local lock="${TMPDIR:-/tmp}/quartermaster-install-$EUID.lock"
  (
    exec 8>"$lock" && flock 8
    "$@" 8>&-
  )
}
