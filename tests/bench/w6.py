"""W6: into a CRM's API. Calls that are counted, fail and are ambiguous against `../shared/bench/rest_target.py`, if present; bulk jobs, relations and undo
against the sandbox of Salesforce.
"""
import w6_rest
import w6_salesforce

TITLE = "into a CRM's API: limits, ambiguous failures, bulk jobs, relations, undo"


def run(context):
    w6_rest.run(context)
    w6_salesforce.run(context)
