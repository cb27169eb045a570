-- name: add_entry
-- One entry of the audit log; entries are never changed.
INSERT INTO ops.audit_entry
    (account_id, actor, role, operation, action, object_kind, object_id, detail, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);
