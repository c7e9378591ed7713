# shellcheck shell=bash
# Installs a package of the operating system where the machine lets us, and says what to do where it does not.
# To be sourced. The caller defines `die` and PROJECT, the folder of the project.

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

# Makes a virtual environment in the folder $1 with the packages of the file $2, each held against its hash. $PYTHON chooses another Python.
make_python() {
  local python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || die "There is no Python 3.10 or later."
  if ! "$python" -m venv "$1" >/dev/null 2>&1; then
    can_install && apt_install python3-venv 2>/dev/null && "$python" -m venv "$1" >/dev/null 2>&1 ||
      die "Python can make no virtual environment (Debian, Ubuntu: apt-get install python3-venv)."
  fi
  pip_install "$1" "$2"
}

# Adds the packages of the file $2 to the virtual environment $1.
pip_install() {
  "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$2" >&2 ||
    die "The packages of ${2#"$PROJECT/"} could not be installed (pip's words are above)."
}
