-- The registry's third version: what electricity emitted, whose number that was, and how long
-- requests took.

-- A number that was in force from `at` until `until`; `measured` is the moment that it is of.
CREATE TABLE intensities (
  deployment    TEXT NOT NULL,
  region        TEXT NOT NULL,
  at            INTEGER NOT NULL,
  until         INTEGER NOT NULL,
  grams_per_kwh REAL NOT NULL,
  source        TEXT NOT NULL,
  signal        TEXT NOT NULL,
  measured      INTEGER NOT NULL,
  PRIMARY KEY (deployment, region, at)
) STRICT, WITHOUT ROWID;

-- Seconds that all requests of the interval took together.
ALTER TABLE samples ADD COLUMN request_seconds REAL NOT NULL DEFAULT 0;
