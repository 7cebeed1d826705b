-- Objects to read: by row id with gaps, by a key of two columns, a view, an empty one.
create table customers (id integer primary key, name text, revenue decimal(12,2), born date, seen datetime, photo blob);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
insert into customers select i * i, case when i % 9 = 0 then null when i % 7 = 0 then '' else 'name ' || i end,
  i * 0.25, date('2001-01-01', i || ' days'), datetime('2020-01-01', i || ' hours'), zeroblob(i % 5) from n;
create table rates (land text, year integer, rate real, primary key (land, year)) without rowid;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 120)
insert into rates select 'L' || (i % 11), i, i / 3.0 from n;
create view customer_names as select id, name from customers where name is not null;
create table empty_one (a text, b integer);
-- The object to write into: a column of every type, a key of its own beside the generated one.
create table everything (
  id integer primary key, code text not null unique, name varchar(60) not null, note text, flag boolean, number integer, ratio real, price decimal(18,4), digits numeric,
  raw blob, day date, moment timestamp, instant timestamp with time zone, clock time, document json, state text check (state in ('open', 'closed')));
