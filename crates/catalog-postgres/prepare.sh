#!/usr/bin/env bash
# Checks every query against the migrations and writes `.sqlx/`, from which builds without a database are checked.
# Run it after changing a query or adding a migration. Starts a PostgreSQL of its own and stops it at the end.
set -euo pipefail
cd "$(dirname "$0")"

scratch=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root.
    chown postgres "$scratch"
    as_owner() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
else
    as_owner() { "$@"; }
fi
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
programs=${programs:-$(pg_config --bindir)}
stop() {
    (cd "$scratch" && as_owner "$programs/pg_ctl" -D data -m immediate stop >/dev/null) || true
    rm -rf "$scratch"
}
trap stop EXIT
(
    cd "$scratch"
    as_owner "$programs/initdb" -D data --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
    as_owner "$programs/pg_ctl" -D data -l log -w -o "-k $scratch -c listen_addresses= -c fsync=off" start >/dev/null
)
cat migrations/*.sql | "$programs/psql" --quiet --set=ON_ERROR_STOP=1 --host="$scratch" --username=postgres postgres

rm -rf .sqlx
mkdir .sqlx
touch src/lib.rs
PG_DATABASE_URL="postgres://postgres@localhost/postgres?host=$scratch" SQLX_OFFLINE_DIR="$PWD/.sqlx" \
    cargo check --package catalog-postgres
