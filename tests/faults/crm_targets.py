"""CRMs that are loaded, each a sandbox of its vendor's API, looked at in the sandbox's own data with sqlite3: the names that the tests use are
views there, and what people do in the CRM goes through them.
"""

import os
import pathlib
import re
import shutil
import sys

from proxy import Behind, Proxy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))
import sandbox_server  # noqa: E402


class Crm(Behind):
    """`views` makes accounts(id, legacy_id, name, revenue, parent_id) and contacts(id, legacy_id, account_id, last_name) of the sandbox's tables,
    records that were deleted left out."""

    keyless = False  # rows without a key that were on their way are in doubt
    files = None
    customers = 150

    def __init__(self, programs, folder):
        self.folder = folder / "sandbox"
        self.folder.mkdir()
        self.sandbox = sandbox_server.Sandbox(pathlib.Path(programs) / f"godwit-sandbox-{self.program}", self.folder, *self.options)
        self.port = self.sandbox.port
        self.proxy = Proxy(self.port)
        os.environ["GODWIT_FAULTS_PORT"] = str(self.port)
        # What is remembered of the day's calls: thousands of trials would use them up.
        self.state = folder / "state"
        os.environ["XDG_STATE_HOME"] = str(self.state)

    def create(self, folder):
        self._replace(None)
        self.sandbox.sql(self.views)

    def keep(self, folder, name):
        self.sandbox.stop()
        shutil.copy(self.sandbox.data, self.folder / f"kept-{name}.db")
        self.sandbox.start()

    def bring_back(self, folder, name):
        self._replace(self.folder / f"kept-{name}.db")

    def sql(self, folder, text):
        return self.sandbox.sql(text)

    def restart(self):
        self.sandbox.kill()
        self.sandbox.start()

    def _replace(self, kept):
        self.sandbox.stop()
        shutil.rmtree(self.state, ignore_errors=True)
        for file in self.folder.glob("sandbox.db*"):
            file.unlink()
        if kept is not None:
            shutil.copy(kept, self.sandbox.data)
        self.sandbox.start()


class Fxiaoke(Crm):
    name = program = "fxiaoke"
    varying = r" \(traceId [^)]*\)"
    options = ("--rate", "1000000", "--per", "20")
    connection = ('{connector: fxiaoke, url: "http://127.0.0.1:${env:GODWIT_FAULTS_PORT}", generation: oauth, app_id: FSAID_sandbox, app_secret: sandbox-secret,'
                  ' permanent_code: sandbox-permanent-code, user: "1000", calls_per_20s: "100000", daily_calls: "1000000000", visible_after_ms: "0",'
                  ' validation_rules: "no", duplicate_rules: "no", deletes: erase}')
    names = {"accounts": "AccountObj", "contacts": "ContactObj", "legacy_id": "legacy_id__c", "parent_id": "parent_account_id", "revenue": "annual_revenue", "last_name": "name"}
    views = """
        create view accounts as select _id as id, legacy_id__c as legacy_id, name, annual_revenue as revenue, parent_account_id as parent_id from AccountObj
            where is_deleted = 0 and life_status <> 'invalid';
        create view contacts as select _id as id, legacy_id__c as legacy_id, account_id, name as last_name from ContactObj where is_deleted = 0 and life_status <> 'invalid';
        create trigger edit_account instead of update on accounts begin
            update AccountObj set name = new.name, parent_account_id = new.parent_id where _id = new.id; end;
        create trigger edit_contact instead of update on contacts begin update ContactObj set name = new.last_name where _id = new.id; end;
        create trigger drop_contact instead of delete on contacts begin delete from ContactObj where _id = old.id; end;
    """


class Salesforce(Crm):
    """Rows by collections of 200 ..."""

    name = program = "salesforce"
    settings = 'bulk_from: "0"'
    options = ("--daily", "1000000000")
    names = {"accounts": "Account", "contacts": "Contact", "legacy_id": "Legacy_Id__c", "name": "Name", "parent_id": "ParentId", "revenue": "Credit_Limit__c", "account_id": "AccountId",
             "last_name": "LastName"}
    views = """
        create view accounts as select Id as id, Legacy_Id__c as legacy_id, Name as name, Credit_Limit__c as revenue, ParentId as parent_id from Account where IsDeleted = 0;
        create view contacts as select Id as id, Legacy_Id__c as legacy_id, AccountId as account_id, LastName as last_name from Contact where IsDeleted = 0;
        create trigger edit_account instead of update on accounts begin update Account set Name = new.name, ParentId = new.parent_id where Id = new.id; end;
        create trigger edit_contact instead of update on contacts begin update Contact set LastName = new.last_name, Name = new.last_name where Id = new.id; end;
        create trigger drop_contact instead of delete on contacts begin delete from Contact where Id = old.id; end;
    """

    @property
    def connection(self):
        return ('{connector: salesforce, url: "http://127.0.0.1:${env:GODWIT_FAULTS_PORT}", client_id: sandbox-client, client_secret: sandbox-secret, concurrent: "4",'
                f" {self.settings}}}")


class SalesforceBulk(Salesforce):
    """... and by Bulk 2.0 jobs: created, uploaded, closed, asked after, and their results taken."""

    name = "salesforce_bulk"
    settings = 'bulk_from: "4", bulk_poll_ms: "10", bulk_poll_most_ms: "40"'


class Zoho(Crm):
    """One access token for all runs: a refresh token gives ten in ten minutes."""

    name = program = "zoho"
    settings = 'bulk_from: "0"'
    options = ("--set", "edition=ultimate", "--set", "limit_headers=no", "--set", "row_credits=no", "--daily", "1000000000")
    connection_of = ('{connector: zoho, accounts_url: "http://127.0.0.1:${env:GODWIT_FAULTS_PORT}", api_url: "http://127.0.0.1:${env:GODWIT_FAULTS_PORT}",'
                  ' access_token: "${env:GODWIT_FAULTS_TOKEN}", credits: "1000000000", visible_after_ms: "0", ')
    names = {"accounts": "Accounts", "contacts": "Contacts", "legacy_id": "Ext_Id", "name": "Account_Name", "parent_id": "Parent_Account", "revenue": "Annual_Revenue",
             "account_id": "Account_Name", "last_name": "Last_Name"}
    # Names of tables know no case: the views bear other names, and queries are told so.
    views = """
        create view crm_accounts as select id, Ext_Id as legacy_id, Account_Name as name, Annual_Revenue as revenue, Parent_Account as parent_id from Accounts
            where sandbox_deleted_ms is null;
        create view crm_contacts as select id, Ext_Id as legacy_id, Account_Name as account_id, Last_Name as last_name from Contacts where sandbox_deleted_ms is null;
        create trigger edit_account instead of update on crm_accounts begin
            update Accounts set Account_Name = new.name, Parent_Account = new.parent_id where id = new.id; end;
        create trigger edit_contact instead of update on crm_contacts begin update Contacts set Last_Name = new.last_name where id = new.id; end;
        create trigger drop_contact instead of delete on crm_contacts begin delete from Contacts where id = old.id; end;
    """

    @property
    def connection(self):
        return f"{self.connection_of}{self.settings}}}"

    def create(self, folder):
        super().create(folder)
        os.environ["GODWIT_FAULTS_TOKEN"] = sandbox_server.zoho_token(self.sandbox.url)

    def sql(self, folder, text):
        return super().sql(folder, re.sub(r"(?<!')\b(accounts|contacts)\b(?!')", r"crm_\1", text))


class ZohoBulk(Zoho):
    """... and by bulk write: archives uploaded, jobs made and asked after, their results taken; what a job skipped goes by calls."""

    name = "zoho_bulk"
    settings = 'bulk_from: "4", bulk_poll_ms: "10", bulk_poll_most_ms: "40"'


ALL = {target.name: target for target in (Fxiaoke, Salesforce, SalesforceBulk, Zoho, ZohoBulk)}
