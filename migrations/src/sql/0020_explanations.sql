-- An explanation of segregation of duties says what somebody did before: one account gets a bounded number in a minute.
CREATE INDEX event_refusal ON qm.event (tenant_id, account_id, at) WHERE document_kind = 'REFUSAL'; -- how many an account had lately
