# Sourced: a PostgreSQL server of one's own on a Unix socket in a folder, no port taken.
# PostgreSQL refuses to run as root, so root starts it as the user postgres.

postgres_bin() { ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1; }

as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# start_postgres FOLDER: FOLDER becomes its data and its socket. It need not survive a power cut.
start_postgres() {
    local folder=$1 bin
    bin=$(postgres_bin)
    mkdir -p "$folder"
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    (cd "$folder" && as_postgres "$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 >"$folder.log" 2>&1) ||
        { cat "$folder.log"; return 1; }
    (cd "$folder" && as_postgres "$bin/pg_ctl" -w -D "$folder/data" -l "$folder/server.log" \
        -o "-k $folder -c listen_addresses='' -c max_connections=200 -c fsync=off -c full_page_writes=off" start >>"$folder.log" 2>&1) ||
        { cat "$folder.log" "$folder/server.log"; return 1; }
}

stop_postgres() {
    [ -d "$1/data" ] || return 0
    (cd "$1" && as_postgres "$(postgres_bin)/pg_ctl" -m immediate -D "$1/data" stop >/dev/null 2>&1)
}
