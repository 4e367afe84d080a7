/** The schema, as the steps that led to it. Steps that have been released are never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    secret_digest TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE lessons (
    id TEXT PRIMARY KEY,
    seen_at TEXT NOT NULL,
    done_at TEXT
  ) STRICT;
  CREATE TABLE lab_results (
    lab TEXT PRIMARY KEY,
    score REAL NOT NULL,
    max REAL NOT NULL,
    at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE answers (
    lab TEXT NOT NULL,
    task TEXT NOT NULL,
    value TEXT NOT NULL,
    status TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (lab, task)
  ) STRICT;
  `,
]
