-- Order systems that use the payment side over HTTP, and the keys they come with. See src/pay_api/README.md.

-- A receiver that belongs to another part of the program, which says itself what is sent to it: no event reaches it by
-- its topics. Empty: a webhook that an administrator made.
ALTER TABLE webhooks ADD COLUMN owner TEXT NOT NULL DEFAULT '';

CREATE TABLE pay_apps (
    id         @id,
    -- What its payments are kept under (payments.app); it stays for ever, so an app is switched off and never removed.
    name       TEXT NOT NULL,
    webhook_id @int NOT NULL REFERENCES webhooks (id),  -- where it is told what happened; its address may be empty
    enabled    @int NOT NULL DEFAULT 1 CHECK (enabled = 0 OR enabled = 1),
    created_at @int NOT NULL,
    created_by @int,           -- null: a command on this machine
    CONSTRAINT pay_apps_name_unique UNIQUE (name),
    CONSTRAINT pay_apps_name_is_not_our_own CHECK (name <> 'shop')
) @table;

CREATE TABLE pay_app_keys (
    id         @id,
    app_id     @int NOT NULL REFERENCES pay_apps (id),
    -- The part of a key that is no secret: dbk_<public_id>_<secret>.
    public_id  TEXT NOT NULL,
    hash       @bytes NOT NULL,  -- SHA-256 of the secret part
    -- Two keys may be alive at once, so that one can be changed for the other without a pause.
    slot       @int NOT NULL CHECK (slot = 1 OR slot = 2),
    created_at @int NOT NULL,
    created_by @int,
    revoked_at @int,
    CONSTRAINT pay_app_keys_public_id_unique UNIQUE (public_id)
) @table;
CREATE INDEX pay_app_keys_app ON pay_app_keys (app_id);
CREATE UNIQUE INDEX pay_app_keys_two_alive ON pay_app_keys (app_id, slot) WHERE revoked_at IS NULL;
