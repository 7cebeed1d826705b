-- The new org, table by table as mapping.yml names its objects and fields, with the rules that Salesforce has for them.
-- Ids begin where no row number of the dump is, so that a lookup which still holds the old number points nowhere.
pragma foreign_keys = on;

create table RecordType (
  Id integer primary key autoincrement,
  DeveloperName varchar(80) not null unique
);
create table Account (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Name varchar(255) not null check (Name <> ''),
  BillingCountry varchar(80),
  BillingStreet varchar(255),
  BillingState varchar(80),
  BillingCity varchar(40),
  BillingPostalCode varchar(20),
  npe01__SYSTEM_AccountType__c varchar(100) check (npe01__SYSTEM_AccountType__c in ('Household Account', 'One-to-One Individual', 'Bucket Account')),
  RecordTypeId integer references RecordType (Id)
);
create table Address__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Household_Account__c integer not null references Account (Id),
  MailingCountry__c varchar(255),
  MailingStreet__c varchar(255),
  MailingState__c varchar(255),
  MailingCity__c varchar(255),
  MailingPostalCode__c varchar(255),
  Seasonal_Start_Month__c integer check (Seasonal_Start_Month__c between 1 and 12),
  Seasonal_Start_Day__c integer check (Seasonal_Start_Day__c between 1 and 31),
  Seasonal_End_Month__c integer check (Seasonal_End_Month__c between 1 and 12),
  Seasonal_End_Day__c integer check (Seasonal_End_Day__c between 1 and 31)
);
create table Contact (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  AccountId integer not null references Account (Id),
  Primary_Affiliation__c integer references Account (Id),
  Salutation varchar(40) check (Salutation in ('Mr', 'Ms', 'Mrs', 'Dr', 'Rev', 'Honorable')),
  FirstName varchar(40),
  LastName varchar(80) not null check (LastName <> ''),
  Email varchar(80) unique,
  Phone varchar(40),
  Title varchar(128)
);
create table Campaign (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Name varchar(80) not null
);
create table CampaignMember (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  ContactId integer not null references Contact (Id),
  CampaignId integer not null references Campaign (Id),
  Status varchar(40) not null check (Status in ('Sent', 'Responded')),
  unique (ContactId, CampaignId)
);
create table npe03__Recurring_Donation__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  npe03__Contact__c integer references Contact (Id),
  Name varchar(80) not null,
  npe03__Amount__c decimal(18,2) not null check (npe03__Amount__c > 0),
  npe03__Date_Established__c date,
  npe03__Schedule_Type__c varchar(255),
  npe03__Open_Ended_Status__c varchar(255) check (npe03__Open_Ended_Status__c in ('None', 'Open', 'Closed')),
  npe03__Last_Payment_Date__c date,
  npe03__Next_Payment_Date__c date,
  npe03__Installment_Period__c varchar(255) not null,
  Day_of_Month__c integer check (Day_of_Month__c between 1 and 31),
  InstallmentFrequency__c integer,
  StartDate__c date,
  PaymentMethod__c varchar(255),
  RecurringType__c varchar(255),
  Status__c varchar(255)
);
create table Opportunity (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  AccountId integer not null references Account (Id),
  Primary_Contact__c integer references Contact (Id),
  npe03__Recurring_Donation__c integer references npe03__Recurring_Donation__c (Id),
  CampaignId integer references Campaign (Id),
  Name varchar(120) not null,
  Amount decimal(18,2) check (Amount >= 0),
  StageName varchar(40) not null check (StageName in ('Prospecting', 'Qualification', 'Needs Analysis', 'Value Proposition',
    'Id. Decision Makers', 'Proposal/Price Quote', 'Pledged', 'Closed Won', 'Closed Lost')),
  CloseDate date not null,
  npe01__Do_Not_Automatically_Create_Payment__c boolean not null
);
create table OpportunityContactRole (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  ContactId integer not null references Contact (Id),
  OpportunityId integer not null references Opportunity (Id) on delete cascade,
  Role varchar(40) check (Role in ('Donor', 'Soft Credit', 'Household Member', 'Influencer')),
  IsPrimary boolean not null
);
create table Partial_Soft_Credit__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Contact__c integer not null references Contact (Id),
  Opportunity__c integer not null references Opportunity (Id),
  Role_Name__c varchar(255),
  Amount__c decimal(18,2) not null
);
create table npe01__OppPayment__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  npe01__Opportunity__c integer not null references Opportunity (Id),
  npe01__Payment_Amount__c decimal(18,2),
  npe01__Payment_Date__c date,
  npe01__Scheduled_Date__c date,
  npe01__Paid__c boolean not null,
  npe01__Written_Off__c boolean not null,
  check (npe01__Payment_Date__c is not null or npe01__Scheduled_Date__c is not null or npe01__Written_Off__c = 1)
);
create table General_Accounting_Unit__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Name varchar(80) not null
);
create table Allocation__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  Opportunity__c integer references Opportunity (Id),
  General_Accounting_Unit__c integer not null references General_Accounting_Unit__c (Id),
  Recurring_Donation__c integer references npe03__Recurring_Donation__c (Id),
  Percent__c decimal(8,2) check (Percent__c between 0 and 100),
  Amount__c decimal(18,2)
);
create table npe4__Relationship__c (
  Id integer primary key autoincrement,
  Legacy_Id__c integer not null unique,
  npe4__Contact__c integer not null references Contact (Id),
  npe4__RelatedContact__c integer not null references Contact (Id) check (npe4__RelatedContact__c <> npe4__Contact__c),
  npe4__Type__c varchar(255) not null
);
insert into sqlite_sequence (name, seq) values ('RecordType', 10000), ('Account', 11000), ('Address__c', 12000), ('Contact', 13000),
  ('Campaign', 14000), ('CampaignMember', 15000), ('npe03__Recurring_Donation__c', 16000), ('Opportunity', 17000), ('OpportunityContactRole', 18000),
  ('Partial_Soft_Credit__c', 19000), ('npe01__OppPayment__c', 20000), ('General_Accounting_Unit__c', 21000), ('Allocation__c', 22000),
  ('npe4__Relationship__c', 23000);
