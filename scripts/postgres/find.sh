# shellcheck shell=bash
# Finds the programs of PostgreSQL 15 or later, or installs them. To be sourced. The caller defines `die` and `say`.
#
# find_postgres [MAJOR]   sets PG_BIN (a folder) and PG_MAJOR. With MAJOR, only that version will do.
# POSTGRES_BIN            names the folder and ends the search.

OLDEST_MAJOR=15

# Folders that may hold a server, one a line.
postgres_folders() {
  if [[ -n ${POSTGRES_BIN:-} ]]; then
    echo "$POSTGRES_BIN"
    return
  fi
  local program
  for program in postgres initdb; do
    program=$(command -v "$program") && dirname "$(readlink -f "$program")"
  done
  command -v pg_config >/dev/null && pg_config --bindir 2>/dev/null
  printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin
}

# Looks once. Sets PG_BIN and PG_MAJOR for the newest that will do, PG_REFUSED for one that will not; fails when none does.
look_for_postgres() {
  local wanted=$1 folder major
  PG_BIN='' PG_MAJOR=0 PG_REFUSED=''
  while read -r folder; do
    [[ -x $folder/postgres && -x $folder/initdb ]] || continue
    major=$("$folder/postgres" --version 2>/dev/null | sed -nE 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/p')
    [[ -n $major ]] || continue
    if ((major < OLDEST_MAJOR)) || [[ -n $wanted && $wanted != "$major" ]]; then
      PG_REFUSED="version $major in $folder"
    elif ((major > PG_MAJOR)); then
      PG_BIN=$folder PG_MAJOR=$major
    fi
  done < <(postgres_folders)
  [[ -n $PG_BIN ]]
}

# The package of the newest major version that the archive offers, or of the one wanted.
postgres_package() {
  apt-cache search --names-only "^postgresql-${1:-[0-9]+}\$" | sed -nE 's/^postgresql-([0-9]+) .*/\1/p' | sort -n | tail -n 1
}

install_postgres() {
  local wanted=$1 major quiet=/etc/postgresql-common/createcluster.d
  look_for_postgres "$wanted" && return
  say "installing PostgreSQL${wanted:+ $wanted} with apt-get"
  as_root apt-get -o DPkg::Lock::Timeout=600 update -qq >&2 || say "apt-get update failed; trying with the lists that are here"
  major=$(postgres_package "$wanted")
  if [[ -z $major ]] || ((major < OLDEST_MAJOR)); then
    die "the package archive of this machine has PostgreSQL ${major:-in no version that fits}; ${wanted:-$OLDEST_MAJOR or later} is needed." \
      "Add PostgreSQL's own archive (apt-get install postgresql-common, then /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh)," \
      "or point DATABASE_OWNER_URL, DATABASE_APP_URL and DATABASE_RELAY_URL at a server that you have."
  fi
  # The package would start a server of its own on port 5432; nobody asked for that one.
  as_root mkdir -p "$quiet"
  as_root sh -c "echo 'create_main_cluster = false' >$quiet/quartermaster.conf"
  apt_install "postgresql-$major" || die "apt-get could not install postgresql-$major (its words are above)." \
    "Install it by hand, then try again."
  as_root rm -f "$quiet/quartermaster.conf"
}

find_postgres() {
  local wanted=${1:-} need="PostgreSQL ${1:-$OLDEST_MAJOR or later}"
  look_for_postgres "$wanted" && return
  local found="There is no PostgreSQL server here."
  [[ -z $PG_REFUSED ]] || found="Found PostgreSQL $PG_REFUSED, but it cannot be used."
  [[ -z ${POSTGRES_BIN:-} ]] || die "$found $need is needed, and POSTGRES_BIN=$POSTGRES_BIN ends the search." \
    "Let POSTGRES_BIN name the folder with the postgres and initdb of a fitting version, or unset it."
  can_install || die "$found $need is needed, and it cannot be installed from here: that takes apt-get, and root or sudo." \
    "Install it (Debian, Ubuntu: apt-get install postgresql), let POSTGRES_BIN name the folder with postgres and initdb," \
    "or set DATABASE_OWNER_URL, DATABASE_APP_URL and DATABASE_RELAY_URL to a server that you have."
  while_installing install_postgres "$wanted" || exit
  look_for_postgres "$wanted" || die "PostgreSQL was installed, but no postgres and initdb of version ${wanted:-$OLDEST_MAJOR or later} can be found." \
    "Let POSTGRES_BIN name their folder."
}
