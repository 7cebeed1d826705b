-- The new CRM: a small one, with the rules that a real one has. Run once: sqlite3 crm.db < crm.sql
pragma foreign_keys = on;

-- Kept by the CRM's administrator; the migration only looks things up here.
create table regions (
  id integer primary key,
  country varchar(2) not null unique,  -- '*': every other one
  name varchar(40) not null
);
insert into regions (id, country, name) values
  (1, 'CN', 'Greater China'), (2, 'DE', 'DACH'), (3, 'AT', 'DACH'), (4, 'CH', 'DACH'), (5, 'JP', 'Japan'), (9, '*', 'Rest of World');

create table users (
  id integer primary key,
  legacy_code varchar(10) not null unique,
  login varchar(60) not null unique,
  full_name varchar(80) not null check (full_name <> ''),
  email varchar(120),
  team varchar(40)
);

create table accounts (
  id integer primary key,
  legacy_id varchar(20) not null unique,
  name varchar(120) not null check (name <> ''),
  parent_id integer references accounts (id),
  region_id integer not null references regions (id),
  country varchar(2) not null,
  city varchar(60),
  street varchar(120),
  postcode varchar(10),
  phone varchar(30),
  email varchar(120),
  annual_revenue decimal(15,2) check (annual_revenue >= 0),
  currency varchar(3) not null check (currency in ('CNY', 'EUR', 'JPY', 'GBP')),
  industry varchar(20) not null check (industry in ('Shipping', 'Logistics', 'Trade', 'Food', 'Machinery', 'Chemicals', 'Textiles', 'Packaging', 'Other')),
  owner_id integer not null references users (id),
  status varchar(10) not null check (status in ('active', 'prospect')),
  customer_since date,
  note text,
  source_system varchar(20) not null
);

create table contacts (
  id integer primary key,
  legacy_id varchar(20) not null unique,
  account_id integer not null references accounts (id),
  salutation varchar(5) check (salutation in ('Mr', 'Ms')),
  full_name varchar(80) not null check (full_name <> ''),
  job_title varchar(80),
  phone varchar(30),
  email varchar(120),
  birthday date,
  language varchar(2) not null check (language in ('zh', 'de', 'ja', 'en')),
  newsletter boolean not null,
  note text
);

create table activities (
  id integer primary key,
  legacy_id varchar(20) not null unique,
  contact_id integer not null references contacts (id),
  owner_id integer not null references users (id),
  kind varchar(10) not null check (kind in ('call', 'mail', 'visit', 'chat', 'fair')),
  subject varchar(120) not null check (subject <> ''),
  planned_at datetime not null,
  minutes integer check (minutes between 1 and 600),
  done boolean not null,
  notes text,
  source_system varchar(20) not null
);
create index accounts_parent on accounts (parent_id);
create index contacts_account on contacts (account_id);
create index activities_contact on activities (contact_id);
