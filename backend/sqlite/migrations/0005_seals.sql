-- What was decided about an order, as a sum over it, so that an order that was harmed on disk is never sent. Older orders have none.
ALTER TABLE orders ADD COLUMN seal TEXT NOT NULL DEFAULT '';
