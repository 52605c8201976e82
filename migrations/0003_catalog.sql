CREATE TABLE categories (
    id         @id,
    parent_id  @int REFERENCES categories (id),
    name       TEXT NOT NULL,
    position   @int NOT NULL DEFAULT 0,
    hidden     @int NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    created_at @int NOT NULL,
    updated_at @int NOT NULL
) @table;
-- Siblings have different names; COALESCE because NULLs never equal each other.
CREATE UNIQUE INDEX categories_sibling_name ON categories (COALESCE(parent_id, 0), name);

CREATE TABLE products (
    id           @id,
    handle       TEXT NOT NULL CONSTRAINT products_handle_unique UNIQUE,
    title        TEXT NOT NULL,
    body_html    TEXT NOT NULL DEFAULT '',  -- sanitised
    body_text    TEXT NOT NULL DEFAULT '',  -- the same without tags, for search
    vendor       TEXT NOT NULL DEFAULT '',
    product_type TEXT NOT NULL DEFAULT '',
    tags         TEXT NOT NULL DEFAULT '',  -- comma-separated
    category_id  @int REFERENCES categories (id),
    option1      TEXT NOT NULL DEFAULT '',
    option2      TEXT NOT NULL DEFAULT '',
    option3      TEXT NOT NULL DEFAULT '',
    status       TEXT NOT NULL CHECK (status = 'draft' OR status = 'active' OR status = 'archived'),
    -- Of its SKUs, kept by every write to them, so that listings filter and sort on an index.
    price_min    @int NOT NULL DEFAULT 0 CHECK (price_min >= 0),
    price_max    @int NOT NULL DEFAULT 0 CHECK (price_max >= price_min),
    created_at   @int NOT NULL,
    updated_at   @int NOT NULL
) @table;
CREATE INDEX products_category ON products (category_id, status, id);
CREATE INDEX products_price ON products (status, price_min, id);

CREATE TABLE skus (
    id               @id,
    product_id       @int NOT NULL REFERENCES products (id),
    sku              TEXT NOT NULL DEFAULT '',
    option1          TEXT NOT NULL DEFAULT '',
    option2          TEXT NOT NULL DEFAULT '',
    option3          TEXT NOT NULL DEFAULT '',
    price            @int NOT NULL CHECK (price >= 0),
    compare_at_price @int CHECK (compare_at_price >= 0),
    grams            @int NOT NULL DEFAULT 0 CHECK (grams >= 0),
    barcode          TEXT NOT NULL DEFAULT '',
    position         @int NOT NULL DEFAULT 0,
    media_id         @int,
    -- A SKU that was ordered stays for ever; removed ones are only no longer offered.
    removed          @int NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    created_at       @int NOT NULL,
    updated_at       @int NOT NULL
) @table;
CREATE INDEX skus_product ON skus (product_id, position, id);
CREATE UNIQUE INDEX skus_options ON skus (product_id, option1, option2, option3) WHERE removed = 0;
CREATE UNIQUE INDEX skus_code ON skus (sku) WHERE sku <> '' AND removed = 0;

CREATE TABLE media (
    id           @id,
    -- Either a file in the media folder, named by its SHA-256, or an address elsewhere.
    sha256       TEXT,
    content_type TEXT NOT NULL DEFAULT '',
    byte_count   @int NOT NULL DEFAULT 0 CHECK (byte_count >= 0),
    url          TEXT,
    created_at   @int NOT NULL,
    CHECK ((sha256 IS NULL) <> (url IS NULL))
) @table;
CREATE UNIQUE INDEX media_sha256 ON media (sha256) WHERE sha256 IS NOT NULL;
CREATE UNIQUE INDEX media_url ON media (url) WHERE url IS NOT NULL;

CREATE TABLE product_media (
    product_id @int NOT NULL REFERENCES products (id),
    position   @int NOT NULL,
    media_id   @int NOT NULL REFERENCES media (id),
    alt        TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (product_id, position)
) @keyed;

--@sqlite
CREATE VIRTUAL TABLE product_search USING fts5 (
    title, body_text, tags, vendor, content='products', content_rowid='id', tokenize='trigram'
);
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO product_search (rowid, title, body_text, tags, vendor)
    VALUES (new.id, new.title, new.body_text, new.tags, new.vendor);
END;
CREATE TRIGGER products_search_delete AFTER DELETE ON products BEGIN
    INSERT INTO product_search (product_search, rowid, title, body_text, tags, vendor)
    VALUES ('delete', old.id, old.title, old.body_text, old.tags, old.vendor);
END;
CREATE TRIGGER products_search_update AFTER UPDATE OF title, body_text, tags, vendor ON products BEGIN
    INSERT INTO product_search (product_search, rowid, title, body_text, tags, vendor)
    VALUES ('delete', old.id, old.title, old.body_text, old.tags, old.vendor);
    INSERT INTO product_search (rowid, title, body_text, tags, vendor)
    VALUES (new.id, new.title, new.body_text, new.tags, new.vendor);
END;
--@end
--@postgres
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX products_search ON products
    USING gin ((title || ' ' || tags || ' ' || vendor || ' ' || body_text) gin_trgm_ops);
--@end
