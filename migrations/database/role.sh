#!/bin/sh
# Runs once, as PostgreSQL makes its data folder. Bytchat's role owns its database and is no superuser; the superuser
# keeps no password, so that it can log in by the local socket alone.
set -eu

psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username postgres --dbname postgres \
    --set=role="$BYTCHAT_USER" --set=name="$BYTCHAT_DB" <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"role";
\connect :"name"
CREATE EXTENSION vector;
CREATE EXTENSION unaccent;
ALTER SCHEMA public OWNER TO :"role";
ALTER ROLE postgres PASSWORD NULL;
SQL
