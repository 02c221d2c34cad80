#!/usr/bin/env bash
# Checks every query against the migrations and writes `.sqlx/`, from which builds without a database are checked.
# Run it after changing a query or adding a migration. Needs the `sqlite3` command.
set -euo pipefail
cd "$(dirname "$0")"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat migrations/*.sql | sqlite3 -bail "$scratch/catalog.db"

rm -rf .sqlx
mkdir .sqlx
touch src/lib.rs
LITE_DATABASE_URL="sqlite://$scratch/catalog.db" SQLX_OFFLINE_DIR="$PWD/.sqlx" cargo check --package catalog-sqlite
