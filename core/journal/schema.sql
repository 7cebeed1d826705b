-- The journal: .godwit/journal.db, schema version 2. People may query it; docs/journal.md explains it.
-- Times are ISO 8601 in UTC with microseconds. Money and other exact numbers are text.

create table meta (key text primary key, value text not null) without rowid;   -- schema_version, project, created_at

-- What the journal's records are about: one environment against one target (or set of targets).
create table scope (
  id integer primary key,
  environment text not null,
  identity text not null,          -- identities of the target connections, sorted, joined by '|'
  display text not null,
  unique (environment, identity)
);

create table plan (
  number integer primary key,
  scope integer not null references scope (id),
  created_at text not null,
  mapping_hash text not null,
  extract_hash text not null,      -- over the hashes of every source object
  sampled integer,                 -- rows per flow of --sample, null for a full pass
  json text not null               -- what `godwit plan --json` prints
);

create table run (
  number integer primary key,
  id text not null unique,         -- UUIDv7
  scope integer not null references scope (id),
  kind text not null check (kind in ('pilot','rehearsal','cutover','run','delta','replay','undo')),
  plan integer references plan (number),
  of_run integer references run (number),   -- undo, replay: the run it is about
  state text not null check (state in ('running','interrupted','stopped','finished','failed')),
  exit_code integer,
  started_at text not null,        -- what now() answers
  ended_at text,
  mapping_hash text not null,
  extract_hash text not null,
  options text not null,           -- JSON: only, limit, keys, until, accept_changes ...
  version text not null,           -- of Godwit and of the connectors, JSON
  fence integer not null default 1,-- grows with every resume
  pid integer,
  undone_by integer references run (number)
);

create table flow_run (
  run integer not null references run (number),
  flow text not null,
  seq integer not null,            -- order in the run, from 1
  stage text not null check (stage in ('planned','prepared','loading','loaded','linking','finished','undoing')),
  source text not null, target text not null,       -- connection.object
  delivery text not null,
  crosswalk text not null check (crosswalk in ('identity','ids','none')),
  flow_hash text not null,
  source_hash text not null,       -- description hash of the source object(s) when the flow began
  source_end text,                 -- planned end of a growing file
  position text not null default '',   -- low water of shard 0: everything before it is settled
  started_at text, ended_at text,
  read integer not null default 0, derived integer not null default 0,
  created integer not null default 0, updated integer not null default 0, unchanged integer not null default 0,
  merged integer not null default 0, filtered integer not null default 0, filtered_unknown integer not null default 0,
  set_aside integer not null default 0, deleted integer not null default 0, in_doubt integer not null default 0,
  warned integer not null default 0,
  obligations_open integer not null default 0, obligations_set integer not null default 0, obligations_failed integer not null default 0,
  bytes_read integer not null default 0,
  target_before integer,           -- rows in the target object before the flow's first write
  seconds real not null default 0, journal_seconds real not null default 0,
  primary key (run, flow)
) without rowid;

-- filtered_unknown is part of filtered. The books close per row of this view: difference is 0.
create view books as
  select run, flow, read, derived, created, updated, unchanged, merged, filtered, filtered_unknown, set_aside, deleted, in_doubt,
         read + derived - (created + updated + unchanged + merged + filtered + set_aside + deleted + in_doubt) as difference
  from flow_run;

-- The same per run, for people: never added across flows, so the flows stay apart; a run's books close when every
-- difference is 0.
create view run_books as
  select r.number as run, r.kind, r.state, s.environment, s.display as target, r.started_at, r.ended_at,
         count(f.flow) as flows, coalesce(sum(b.difference != 0), 0) as flows_open,
         coalesce(sum(f.obligations_open), 0) as obligations_open
  from run r join scope s on s.id = r.scope
  left join flow_run f on f.run = r.number
  left join books b on b.run = f.run and b.flow = f.flow
  group by r.number;

-- What a run's units settled, unit by unit.
create view unit_books as
  select run, flow, shard, number, pass, state, rows_read, rows_written,
         coalesce(json_extract(counts, '$.created'), 0) as created, coalesce(json_extract(counts, '$.updated'), 0) as updated,
         coalesce(json_extract(counts, '$.unchanged'), 0) as unchanged, coalesce(json_extract(counts, '$.merged'), 0) as merged,
         coalesce(json_extract(counts, '$.filtered'), 0) as filtered, coalesce(json_extract(counts, '$.set_aside'), 0) as set_aside,
         settled_at
  from unit;

create table unit (
  run integer not null, flow text not null, shard integer not null, number integer not null,
  state text not null check (state in ('intent','settled')),
  pass integer not null default 1,          -- 2: second pass (obligations)
  start_position text not null, end_position text not null,
  rows_read integer not null, rows_written integer not null,
  counts text not null,                     -- JSON object bucket -> rows, as in flow_run
  outcomes blob,                            -- run-length: repeated (u8 kind, varint rows)
  settled_at text,
  primary key (run, flow, shard, number)
) without rowid;

-- What is known about a unit that is on its way, by name: `decisions` is the core's own (what was to be done with each row, where the
-- target keeps no ledger), all else the connector's (the id of a bulk job, calls sent). Gone once the unit is settled.
create table unit_memory (
  id integer primary key,
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  name text not null, text text not null,
  unique (run, flow, shard, unit, name)
);

-- Objects of the target as they were when a plan or a run last looked: what has changed since is named before anything is written.
create table description (
  scope integer not null, connection text not null, object text not null,
  text text not null,                      -- JSON: fields with types, lengths, rules and choices
  seen_at text not null,
  primary key (scope, connection, object)
) without rowid;

-- How far each shard has come: every unit up to and including `number` is settled. `position` is where the last such
-- unit of the first pass ended.
create table shard (
  run integer not null, flow text not null, shard integer not null,
  number integer not null default 0, position text not null default '',
  primary key (run, flow, shard)
) without rowid;

-- Columns about the rows of a unit. The bytes are in .godwit/segments/<file> (docs/journal.md gives their layout): one
-- plain write instead of two through the write-ahead log. A row here is what makes them exist.
create table segment (
  id integer primary key,
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  kind text not null check (kind in ('crosswalk','filtered','before','obligation')),
  rows integer not null,
  file text not null, offset integer not null, bytes integer not null,
  checksum integer not null                 -- XXH3, 64 bits
);
create index segment_of_flow on segment (flow, kind, run, unit);

-- Where the next delta of a flow begins.
create table since (
  scope integer not null references scope (id), flow text not null, value text not null, run integer not null,
  primary key (scope, flow)
) without rowid;

create table set_aside (
  id integer primary key,
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  source text not null,            -- connection.object
  source_key text not null,        -- readable: values joined by ' / '
  key_hash blob not null,          -- 16 bytes
  locator text not null, line integer,
  number integer not null,         -- GW number of the reason
  error_class text not null default 'data',
  field text not null default '',
  arguments text not null,         -- JSON object of the message's arguments
  cause text not null,             -- rows with the same cause are listed together
  original text not null,          -- JSON object of the source row, or {"@raw": "..."} when unreadable
  original_hash text not null,     -- of the original, for corrections
  state text not null default 'open' check (state in ('open','replayed','superseded'))
);
create index set_aside_of_flow on set_aside (flow, run, cause);
create index set_aside_of_key on set_aside (key_hash);

-- Open rows by cause, as `godwit set-aside` groups them.
create view set_aside_causes as
  select run, flow, cause, number, field, count(*) as rows, min(source_key) as example
  from set_aside where state = 'open' group by run, flow, cause, number, field;

create table warning (
  id integer primary key,
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  source_key text not null, locator text not null, line integer,
  number integer not null, field text not null default '', arguments text not null, cause text not null
);

create table merged (
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  source_key text not null, key_hash blob not null, survivor_key text not null, survivor_hash blob not null,
  locator text not null, line integer,
  primary key (run, flow, key_hash, locator)
) without rowid;

create table failed_obligation (
  run integer not null, flow text not null, source_key text not null, key_hash blob not null,
  field text not null, number integer not null, arguments text not null,
  primary key (run, flow, key_hash, field)
) without rowid;

-- The part of a unit in each control total; summed into `total` when the flow ends.
create table unit_total (
  run integer not null, flow text not null, shard integer not null, unit integer not null,
  name text not null, currency text not null, bucket text not null, value text not null, rows integer not null,
  primary key (run, flow, shard, unit, name, currency, bucket)
) without rowid;

-- Money, per total, bucket and currency: bucket in read, loaded, merged, filtered, set_aside (from the source expression, apart
-- from the mapping), target (the target's own aggregate), expected (the old system's figures).
create table total (
  run integer not null, name text not null, flow text not null, currency text not null default '',
  bucket text not null, value text not null, rows integer not null default 0,
  primary key (run, name, currency, bucket)
) without rowid;

create table gate (
  run integer not null, name text not null, flow text not null default '',
  verdict text not null check (verdict in ('passed','condition','failed')),
  seen text not null, allowed text not null, action text not null, approver text not null default '',
  primary key (run, name, flow)
) without rowid;

create table verification (
  run integer not null, flow text not null, verified_at text not null,
  expected_rows integer not null, found_rows integer not null, missing integer not null, extra integer not null,
  fields_compared integer not null, fields_differing integer not null, fields_tolerated integer not null,
  orphans integer not null, detail text not null,      -- JSON: per field figures
  primary key (run, flow)
) without rowid;

create table difference (
  id integer primary key,
  run integer not null, flow text not null, source_key text not null, field text not null,
  class text not null,             -- missing, extra, value, null, case, space, truncated, number, time, tolerated, edited
  expected text, found text
);

create table report (
  run integer not null, created_at text not null, digest text not null, signature text not null default '', public_key text not null default '',
  path text not null, primary key (run, created_at)
) without rowid;

create table event (id integer primary key, at text not null, run integer, kind text not null, text text not null);
