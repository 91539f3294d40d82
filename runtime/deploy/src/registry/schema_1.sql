-- The registry's first version. Times are milliseconds since 1970-01-01 UTC.

-- What each deployment should be: the version that is wanted, and the last that was completed.
CREATE TABLE deployments (
  name    TEXT PRIMARY KEY,
  wanted  INTEGER,
  running INTEGER
) STRICT;

CREATE TABLE versions (
  deployment TEXT NOT NULL REFERENCES deployments (name),
  number     INTEGER NOT NULL,
  package    TEXT NOT NULL,
  plan       TEXT NOT NULL,
  signer     TEXT NOT NULL,
  state      TEXT NOT NULL,
  reason     TEXT,
  before     INTEGER,
  confirm    INTEGER,
  hold       INTEGER,
  made       INTEGER NOT NULL,
  changed    INTEGER NOT NULL,
  PRIMARY KEY (deployment, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX versions_by_state ON versions (state, changed);

-- Processes: a row stands here before its process does, and is gone after it.
CREATE TABLE instances (
  id         TEXT PRIMARY KEY,
  deployment TEXT NOT NULL REFERENCES deployments (name),
  version    INTEGER NOT NULL,
  service    TEXT NOT NULL,
  ordinal    INTEGER NOT NULL,
  spec       TEXT NOT NULL,
  phase      TEXT NOT NULL,
  pid        INTEGER,
  started    INTEGER,
  boot       TEXT,
  ports      TEXT NOT NULL,
  restarts   INTEGER NOT NULL DEFAULT 0,
  since      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX instances_by_service ON instances (deployment, service, ordinal);

-- What happened, in order; never changed, never removed.
CREATE TABLE events (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,
  deployment TEXT NOT NULL,
  version    INTEGER,
  resource   TEXT,
  kind       TEXT NOT NULL,
  status     TEXT,
  signer     TEXT,
  detail     TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_deployment ON events (deployment, seq);
CREATE INDEX events_by_resource ON events (resource, seq) WHERE resource IS NOT NULL;
CREATE INDEX events_by_status ON events (status, seq) WHERE status IS NOT NULL;
CREATE INDEX events_by_signer ON events (signer, seq) WHERE signer IS NOT NULL;
CREATE INDEX events_by_time ON events (at);
CREATE TRIGGER events_are_kept_as_they_are BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;

CREATE TABLE locks (
  deployment TEXT PRIMARY KEY,
  id         TEXT NOT NULL,
  owner      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  at         INTEGER NOT NULL
) STRICT;
