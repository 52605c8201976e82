-- name: insert_audit_entry
INSERT INTO audit_log (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)

-- name: list_audit_entries
SELECT id, at, actor, action, subject, detail FROM audit_log
WHERE (CAST($1 AS BIGINT) IS NULL OR actor = CAST($1 AS BIGINT))
  AND (CAST($2 AS TEXT) IS NULL OR subject = CAST($2 AS TEXT))
ORDER BY id DESC LIMIT $3 OFFSET $4

-- name: count_audit_entries
SELECT COUNT(*) FROM audit_log
WHERE (CAST($1 AS BIGINT) IS NULL OR actor = CAST($1 AS BIGINT))
  AND (CAST($2 AS TEXT) IS NULL OR subject = CAST($2 AS TEXT))
