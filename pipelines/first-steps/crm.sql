-- The CRM that the first migration writes into: crm.db is made from this file.
create table accounts (
  id integer primary key,
  legacy_id varchar(20) not null unique,
  name varchar(80) not null,
  country varchar(2) check (length(country) = 2),
  revenue decimal(18,2),
  since date,
  industry varchar(20) check (industry in ('Trading', 'Logistics', 'Manufacturing'))
);
create table contacts (
  id integer primary key,
  legacy_id varchar(20) not null unique,
  account_id integer not null references accounts (id),
  full_name varchar(80) not null,
  email varchar(120)
);
