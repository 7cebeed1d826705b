-- Ids begin where no legacy id is, so that a reference which still holds the old id points nowhere.
pragma foreign_keys = on;

-- Kept by the CRM's administrator; the migration only looks things up here.
create table countries (id integer primary key, iso_code varchar(3) not null unique);
insert into countries (id, iso_code) values (71, 'US'), (72, 'CA'), (73, 'FR'), (74, 'DE'), (75, 'AU'), (76, 'GB'), (77, 'CN');
create table regions (id integer primary key, name varchar(50) not null unique);
insert into regions (id, name) values (81, 'North America'), (82, 'Europe'), (83, 'Pacific');
create table ratings (id integer primary key, grade integer not null unique, name varchar(20) not null);
insert into ratings (id, grade, name) values (91, 1, 'Superior'), (92, 2, 'Excellent'), (93, 3, 'Above average'), (94, 4, 'Average'), (95, 5, 'Below average');

create table contact_types (
  id integer primary key autoincrement,
  legacy_id integer not null unique,
  name varchar(50) not null unique check (name <> ''),
  modified_at datetime not null
);
create table territories (
  id integer primary key autoincrement,
  legacy_id integer not null unique,
  name varchar(50) not null unique,
  country_id integer not null references countries (id),
  region_id integer not null references regions (id),
  sales_ytd decimal(19,4) not null check (sales_ytd >= 0),
  sales_last_year decimal(19,4) not null check (sales_last_year >= 0),
  cost_ytd decimal(19,4) not null default 0,
  cost_last_year decimal(19,4) not null default 0,
  row_guid varchar(36) not null unique check (length(row_guid) <= 36),
  modified_at datetime not null
);
create table vendors (
  id integer primary key autoincrement,
  legacy_id integer not null unique,
  account_number varchar(15) not null unique,
  name varchar(50) not null check (name <> ''),
  rating_id integer not null references ratings (id),
  preferred boolean not null,
  active boolean not null,
  website varchar(1024),
  modified_at datetime not null
);
insert into sqlite_sequence (name, seq) values ('contact_types', 5000), ('territories', 6000), ('vendors', 7000);
