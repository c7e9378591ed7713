# shellcheck shell=bash
# Who runs the database and where its files live. To be sourced. The caller defines `die`, `say` and PROJECT.

# Sets RUN_AS, the words before a command that make the database's user run it, and DB_UID, DB_GID.
# PostgreSQL refuses to run as root, so root lends the work to an unprivileged user: the owner of the cluster ($1) where
# there is one already, else `postgres`, else a system user made for this.
choose_user() {
  local cluster=${1:-} name
  RUN_AS=() DB_UID=$EUID DB_GID=$(id -g)
  ((EUID == 0)) || return 0
  if [[ -n $cluster && -d $cluster && $(stat -c %u "$cluster") != 0 ]]; then
    DB_UID=$(stat -c %u "$cluster") DB_GID=$(stat -c %g "$cluster")
  else
    name=postgres
    if ! id -u postgres >/dev/null 2>&1; then
      name=quartermaster
      id -u "$name" >/dev/null 2>&1 || useradd -r -M -s /usr/sbin/nologin "$name" 2>/dev/null || id -u "$name" >/dev/null 2>&1 ||
        die "PostgreSQL does not run as root, and no other user could be made. Make one: useradd -r quartermaster"
    fi
    DB_UID=$(id -u "$name") DB_GID=$(id -g "$name")
  fi
  if command -v setpriv >/dev/null; then
    RUN_AS=(setpriv "--reuid=$DB_UID" "--regid=$DB_GID" --clear-groups --)
  else
    RUN_AS=(chroot "--userspec=$DB_UID:$DB_GID" --groups= /)
  fi
  "${RUN_AS[@]}" true || die "root may not become user $DB_UID here, and PostgreSQL does not run as root." \
    "Call this as an ordinary user, or give the container the capabilities SETUID and SETGID."
}

# Whether the database's user can keep files in a folder below $1. Makes the folder.
can_live_in() {
  local probe result=0
  (umask 022 && mkdir -p "$1") 2>/dev/null && [[ -w $1 ]] && probe=$(mktemp -d "$1/probe.XXXXXX" 2>/dev/null) || return 1
  chown "$DB_UID:$DB_GID" "$probe" 2>/dev/null && (cd / && "${RUN_AS[@]}" touch "$probe/file" 2>/dev/null) || result=1
  rm -rf "$probe"
  return "$result"
}

# The folders that may be the home of clusters, best first: the project's own, then state folders outside of it.
homes() {
  if [[ -n ${QUARTERMASTER_STATE:-} ]]; then
    echo "$QUARTERMASTER_STATE"
    return
  fi
  local name
  name=$(basename "$PROJECT")-$(printf %s "$PROJECT" | cksum | cut -d ' ' -f 1)
  echo "$PROJECT/.quartermaster"
  if ((EUID == 0)); then
    echo "/var/lib/quartermaster/$name"
  elif [[ -n ${HOME:-} ]]; then
    echo "${XDG_STATE_HOME:-$HOME/.local/state}/quartermaster/$name"
  fi
  echo "${TMPDIR:-/tmp}/quartermaster-$EUID/$name"
}

# Sets HOME_DIR to the first home where the database's user can live, and says so when it is not the project's own.
choose_home() {
  local home
  while read -r home; do
    if can_live_in "$home" && [[ -O $home ]]; then
      # shellcheck disable=SC2034 # read by postgres-run
      HOME_DIR=$home
      [[ $home == "$PROJECT/.quartermaster" ]] || say "user $(id -un "$DB_UID" 2>/dev/null || echo "$DB_UID") keeps the data in $home" \
        "($([[ -n ${QUARTERMASTER_STATE:-} ]] && echo QUARTERMASTER_STATE || echo "$PROJECT/.quartermaster cannot be reached by it, or is another user's"))"
      return
    fi
  done < <(homes)
  die "user $DB_UID can keep its files in none of these folders: $(homes | paste -sd ' ')." \
    "Set QUARTERMASTER_STATE to a folder that it can reach and you own."
}

# Refuses a disk that is all but full before PostgreSQL meets it.
need_space() {
  local free
  free=$(df -Pk "$1" | awk 'NR == 2 {print int($4 / 1024)}')
  ((free >= 512)) || die "only $free MB are free on the disk of $1; a cluster needs 512." \
    "Make room, or set QUARTERMASTER_STATE to a folder on another disk."
}
