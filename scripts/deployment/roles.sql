-- The three roles and a database, by a superuser:
--   OWNER_PASSWORD=… APP_PASSWORD=… RELAY_PASSWORD=… psql -v ON_ERROR_STOP=1 -f roles.sql
-- DATABASE_NAME names another database than quartermaster. Run again, it sets the passwords anew and makes what is missing.
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv relay RELAY_PASSWORD
\set database quartermaster
\getenv database DATABASE_NAME
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY['quartermaster_owner', 'quartermaster_app', 'quartermaster_relay']) role
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE quartermaster_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner';
ALTER ROLE quartermaster_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
ALTER ROLE quartermaster_relay LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'relay';
ALTER ROLE quartermaster_app SET plan_cache_mode = force_generic_plan;
SELECT format('CREATE DATABASE %I OWNER quartermaster_owner', :'database')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO quartermaster_app, quartermaster_relay;
