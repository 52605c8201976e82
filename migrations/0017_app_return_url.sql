-- Where an order system's buyers come back to from a page of a provider; empty: a page of this program.
ALTER TABLE pay_apps ADD COLUMN return_url TEXT NOT NULL DEFAULT '';
