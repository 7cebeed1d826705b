-- Objects to read: keys with gaps, of two columns, none at all, a view, partitions, an empty one.
create table customers (id bigint primary key, name text, revenue numeric(12,2), born date, seen timestamp, photo bytea);
insert into customers select i * i, case when i % 9 = 0 then null when i % 7 = 0 then '' else 'name ' || i || ' 上海' end,
  i * 0.25, date '2001-01-01' + i, timestamp '2020-01-01' + i * interval '1 hour', decode(repeat('00', i % 5), 'hex') from generate_series(1, 300) i;
create table rates (land text, year integer, rate double precision, primary key (land, year));
insert into rates select 'L' || (i % 11), i, i / 3.0 from generate_series(1, 120) i;
create table heap (a text, b integer);
insert into heap select 'a' || i, i from generate_series(1, 150) i;
create view customer_names as select id, name from customers where name is not null;
create table visits (id integer, day date, primary key (id, day)) partition by range (day);
create table visits_old partition of visits for values from (minvalue) to ('2020-01-01');
create table visits_new partition of visits for values from ('2020-01-01') to (maxvalue);
insert into visits select i, date '2019-12-01' + i from generate_series(1, 90) i;
create table empty_one (a text, b integer);
-- The object to write into: a column of every type, a key of its own beside the generated one.
create table everything (
  id bigint generated always as identity primary key, code text not null unique, name varchar(60) not null, note text, flag boolean, small smallint, number integer, large bigint,
  ratio double precision, price numeric(18,4), digits numeric, raw bytea, day date, moment timestamp, instant timestamptz, clock time, document json, state text check (state in ('open', 'closed')));
analyze;
