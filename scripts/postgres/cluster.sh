# shellcheck shell=bash
# One private cluster in a folder DIR: create, start, stop. To be sourced. The caller defines `die` and `say` and has
# called find_postgres and choose_user.
#
#   DIR/cluster      the files of PostgreSQL, owned by the user that runs it
#   DIR/credentials  the generated passwords, for the caller alone
#   DIR/log          what the server of this start said
#   DIR/lock         held for as long as somebody uses DIR
#   DIR/ready        written last: a cluster without it was never finished and is made anew

LOCALE_C=$(locale -a 2>/dev/null | grep -ixE 'C\.utf-?8' | head -n 1) || LOCALE_C=C

random_password() { od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n'; }

as_database_user() { (cd / && LC_ALL=C "${RUN_AS[@]}" "$@"); }

# Ends with what the log says, in front of it a sentence for the causes that people meet.
die_with_log() {
  local log=$1 cause="PostgreSQL did not start; its last words are below."
  grep -q 'No space left on device' "$log" && cause="The disk is full. Make room, or set QUARTERMASTER_STATE to a folder on another disk."
  grep -q 'Permission denied' "$log" && cause="User $DB_UID may not use $DIR. Give it the folder, or set QUARTERMASTER_STATE to another one."
  tail -n 12 "$log" >&2
  die "$cause (log: $log)"
}

# Makes the cluster of DIR: roles, database, nobody without a password, no network but loopback.
# The superuser has a password only in a throw-away cluster, where tests need roles of their own.
create_cluster() {
  local superuser='' sync=(--data-checksums)
  OWNER_PASSWORD=$(random_password) APP_PASSWORD=$(random_password) RELAY_PASSWORD=$(random_password) SUPERUSER_PASSWORD=''
  if [[ -n $EPHEMERAL ]]; then
    SUPERUSER_PASSWORD=$(random_password) superuser="ALTER ROLE postgres PASSWORD '$SUPERUSER_PASSWORD'" sync=(--no-sync)
  fi
  rm -rf "$DIR/cluster" "$DIR/ready"
  mkdir -m 0700 "$DIR/cluster"
  chown "$DB_UID:$DB_GID" "$DIR/cluster"
  (umask 077 && printf '%s\n' "$OWNER_PASSWORD" "$APP_PASSWORD" "$RELAY_PASSWORD" "$SUPERUSER_PASSWORD" >"$DIR/credentials")

  as_database_user "$PG_BIN/initdb" -D "$DIR/cluster" -U postgres -E UTF8 --locale="$LOCALE_C" -A trust --no-instructions "${sync[@]}" \
    >"$DIR/log" 2>&1 || die_with_log "$DIR/log"
  echo 'host all all 127.0.0.1/32 scram-sha-256' | as_database_user tee "$DIR/cluster/pg_hba.conf" >/dev/null
  # One line is one statement: the server runs alone, without a network, until the roles are there.
  as_database_user "$PG_BIN/postgres" --single -D "$DIR/cluster" postgres >>"$DIR/log" 2>&1 <<-SQL || die_with_log "$DIR/log"
	CREATE ROLE quartermaster_owner LOGIN NOSUPERUSER ${EPHEMERAL:+CREATEDB} NOBYPASSRLS PASSWORD '$OWNER_PASSWORD'
	CREATE ROLE quartermaster_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '$APP_PASSWORD'
	CREATE ROLE quartermaster_relay LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '$RELAY_PASSWORD'
	ALTER ROLE quartermaster_app SET plan_cache_mode = force_generic_plan
	CREATE DATABASE quartermaster OWNER quartermaster_owner
	REVOKE ALL ON DATABASE quartermaster FROM PUBLIC
	GRANT CONNECT ON DATABASE quartermaster TO quartermaster_app, quartermaster_relay
	$superuser
	SQL
  ! grep -qE '(ERROR|FATAL|PANIC):' "$DIR/log" || die_with_log "$DIR/log"
  touch "$DIR/ready"
}

# Has the cluster of DIR load pg_stat_statements, which the owner of the database may switch on and read. Clears STATEMENTS where
# PostgreSQL came without it.
load_statements() {
  [[ -e $PG_BIN/../lib/pg_stat_statements.so ]] || { STATEMENTS='' && return; }
  [[ ! -e $DIR/statements ]] || return 0
  end_orphan
  as_database_user "$PG_BIN/postgres" --single -c shared_preload_libraries=pg_stat_statements -D "$DIR/cluster" quartermaster >>"$DIR/log" 2>&1 <<-SQL || die_with_log "$DIR/log"
	CREATE EXTENSION IF NOT EXISTS pg_stat_statements
	GRANT pg_read_all_stats TO quartermaster_owner
	GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO quartermaster_owner
	GRANT SET ON PARAMETER pg_stat_statements.track TO quartermaster_owner
	SQL
  touch "$DIR/statements"
}

read_credentials() {
  { read -r OWNER_PASSWORD && read -r APP_PASSWORD && read -r RELAY_PASSWORD && read -r SUPERUSER_PASSWORD; } <"$DIR/credentials" ||
    die "$DIR/credentials cannot be read. Call this as the user who made the cluster, or forget it: scripts/postgres-run --forget $DIR"
}

# A port of loopback that nobody listens on just now, outside of the range from which the kernel takes its own.
free_port() {
  local port
  while :; do
    port=$((15000 + RANDOM % 16000))
    (exec 7<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# Ends a server that outlived its guardian, and the pid file that a killed one left; the lock of DIR is ours.
end_orphan() {
  local pid
  pid=$(as_database_user head -n 1 "$DIR/cluster/postmaster.pid" 2>/dev/null) || return 0
  if [[ -n $pid && $(as_database_user readlink "/proc/$pid/cwd" 2>/dev/null) == "$(readlink -f "$DIR/cluster")" ]]; then
    kill -QUIT "$pid" 2>/dev/null || true
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  as_database_user rm -f "$DIR/cluster/postmaster.pid"
}

# Starts the server and waits until it answers. Sets PORT and SERVER (its process).
start_server() {
  local settings=(-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c timezone=UTC -c log_timezone=UTC -c lc_messages=C
    -c shared_buffers=256MB -c max_wal_senders=0 -c logging_collector=off)
  local leash=() own=() end=INT waited=0
  if [[ -n $EPHEMERAL ]]; then
    end=QUIT
    settings+=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_connections=400)
  else
    settings+=(-c fsync=on -c synchronous_commit=on -c max_connections=200)
  fi
  read -ra own <<<"${POSTGRES_SETTINGS:-}"
  settings+=("${own[@]}")
  [[ -z $STATEMENTS ]] || settings+=(-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=none)
  # When this script is killed outright, the kernel tells the server to stop.
  ! command -v setpriv >/dev/null || leash=(setpriv --pdeathsig "$end" --)
  end_orphan
  for _ in {1..20}; do
    PORT=${FIXED_PORT:-$(free_port)}
    # The last start's "ready" must not be read as this one's.
    : >"$DIR/log"
    # A session of its own: Ctrl-C is for the command, which still needs its database while it winds up.
    # One word after another executes the next in its own place, so that $! is the server.
    env -C / LC_ALL=C setsid "${RUN_AS[@]}" "${leash[@]}" "$PG_BIN/postgres" -D "$DIR/cluster" -p "$PORT" "${settings[@]}" \
      </dev/null >"$DIR/log" 2>&1 9>&- &
    SERVER=$!
    while kill -0 "$SERVER" 2>/dev/null; do
      ! grep -q 'ready to accept connections' "$DIR/log" || return 0
      sleep 0.05
      ((++waited != 200)) || say "the database is recovering from a crash; this can take minutes"
    done
    SERVER=''
    grep -q 'Address already in use\|still in use' "$DIR/log" || die_with_log "$DIR/log"
    sleep 0.2
  done
  die_with_log "$DIR/log"
}

stop_server() {
  [[ -n ${SERVER:-} ]] || return 0
  local pid=$SERVER
  SERVER=''
  if [[ -n $EPHEMERAL ]]; then kill -QUIT "$pid" 2>/dev/null; else kill -INT "$pid" 2>/dev/null; fi
  wait "$pid" 2>/dev/null
}
