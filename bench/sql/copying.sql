-- What the scripts that fill the product's tables need, for one session.

-- A UUIDv7 of a moment.
CREATE OR REPLACE FUNCTION pg_temp.v7(at timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE random text := replace(gen_random_uuid()::text, '-', ''); BEGIN
  RETURN (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(random, 14))::uuid;
END $$;

-- A statement that copies rows: every column of `target` as it is in `t` of `source`, but for those of `changed`. So a copy says
-- what the product writes, also in columns that are newer than this script.
CREATE OR REPLACE FUNCTION pg_temp.copying(target regclass, changed jsonb, source text) RETURNS text LANGUAGE sql AS $$
  SELECT format('INSERT INTO %s SELECT %s FROM %s', target,
    string_agg(coalesce(changed ->> a.attname, 't.' || quote_ident(a.attname)), ', ' ORDER BY a.attnum), source)
  FROM pg_attribute a WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped;
$$;
CREATE OR REPLACE FUNCTION pg_temp.copy_rows(target regclass, changed jsonb, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE pg_temp.copying(target, changed, source); END $$;
