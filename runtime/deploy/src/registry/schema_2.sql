-- The registry's second version: what services used, and what limits were worth.

-- Sums over intervals of `step` milliseconds that begin at `at`, a multiple of it. The same is kept
-- in several steps, the finer for a shorter time. `span` is how much of the interval was measured.
CREATE TABLE samples (
  deployment          TEXT NOT NULL,
  service             TEXT NOT NULL,
  step                INTEGER NOT NULL,
  at                  INTEGER NOT NULL,
  span                INTEGER NOT NULL,
  cpu_seconds         REAL NOT NULL,
  memory_byte_seconds REAL NOT NULL,
  memory_peak         INTEGER NOT NULL,
  requests            INTEGER NOT NULL,
  failed              INTEGER NOT NULL,
  received            INTEGER NOT NULL,
  sent                INTEGER NOT NULL,
  joules              REAL NOT NULL,
  grams               REAL NOT NULL,
  PRIMARY KEY (deployment, step, at, service)
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_by_age ON samples (step, at);

-- Shadow prices of limits, each time that they were computed.
CREATE TABLE prices (
  deployment TEXT NOT NULL,
  at         INTEGER NOT NULL,
  limit_of   TEXT NOT NULL,
  plan       TEXT NOT NULL,
  used       REAL NOT NULL,
  most       REAL NOT NULL,
  buy        REAL NOT NULL,
  sell       REAL,
  unit       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  PRIMARY KEY (deployment, at, limit_of)
) STRICT, WITHOUT ROWID;
