pragma foreign_keys = on;
create table Account (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Name varchar(255) not null,
  Description text,
  NumberOfEmployees integer check (NumberOfEmployees between 0 and 99999999),
  BillingStreet varchar(255),
  BillingCity varchar(40),
  BillingState varchar(80),
  BillingPostalCode varchar(20),
  BillingCountry varchar(80),
  ShippingStreet varchar(255),
  ShippingCity varchar(40),
  ShippingState varchar(80),
  ShippingPostalCode varchar(20),
  ShippingCountry varchar(80),
  Phone varchar(40),
  Fax varchar(40),
  Website varchar(255),
  AccountNumber varchar(40) unique
);
create table Contact (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  AccountId integer references Account (Id),
  FirstName varchar(40),
  LastName varchar(80) not null,
  Salutation varchar(40),
  Email varchar(80),
  Phone varchar(40),
  MobilePhone varchar(40),
  Title varchar(128),
  Birthdate date
);
create table Opportunity (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Name varchar(120) not null,
  CloseDate date not null,
  Amount decimal(18,2),
  StageName varchar(40) not null check (StageName in ('In Progress', 'Closed Won'))
);
insert into sqlite_sequence (name, seq) values ('Account', 11000), ('Contact', 13000), ('Opportunity', 17000);
