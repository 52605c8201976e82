-- $1: user ids as a JSON array of numbers. Names that begin with ~ are no person's, see accounts/stand_ins.hpp.
-- name: rehearsal_buyers_among (sqlite)
SELECT id FROM users WHERE id IN (SELECT value FROM json_each($1)) AND username_key LIKE '~%'
-- name: rehearsal_buyers_among (postgres)
SELECT id FROM users
WHERE id = ANY (ARRAY(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST($1 AS JSON))))
  AND username_key LIKE '~%'
