-- The registry's fourth version: runs of jobs.

-- What became of a job's run of one day; `day` counts days since 1970-01-01 UTC. While it is under
-- way its processes are among the instances.
CREATE TABLE runs (
  deployment TEXT NOT NULL REFERENCES deployments (name),
  job        TEXT NOT NULL,
  day        INTEGER NOT NULL,
  spec       TEXT NOT NULL,
  state      TEXT NOT NULL,
  failures   INTEGER NOT NULL,
  asked      INTEGER,
  changed    INTEGER NOT NULL,
  said       TEXT,
  PRIMARY KEY (deployment, job, day)
) STRICT, WITHOUT ROWID;
