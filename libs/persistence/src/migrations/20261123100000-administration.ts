import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What administrators need: users who are invited and disabled, API tokens, and who did what. */
export class Administration20261123100000 implements MigrationInterface {
  readonly name = 'Administration20261123100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(users);
    await runner.query(tokens);
    await runner.query(audit);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

const users = `
-- Null until the user has accepted the invitation and chosen one.
alter table "user" alter column password_hash drop not null;
alter table membership
  add column disabled_at timestamptz,
  add column last_sign_in_at timestamptz;
create index session_user_idx on session (user_id);

-- A link that lets a user choose a password, once. A user has one at most: a new one ends the one before.
create table invitation (
  token_hash bytea primary key,
  workspace_id uuid not null,
  user_id uuid not null unique,
  expires_at timestamptz not null,
  foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade
);
create index invitation_expiry_idx on invitation (expires_at);
`;

const tokens = `
create table api_token (
  id uuid primary key,
  workspace_id uuid not null,
  -- Who made it; it acts for this user and ends with the membership.
  user_id uuid not null,
  name text not null,
  role text not null check (role in ('administrator', 'member')),
  -- SHA-256; the token itself is nowhere.
  token_hash bytea not null unique,
  -- How the token begins, so that people know which one it is.
  prefix text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade
);
create index api_token_workspace_idx on api_token (workspace_id, id);
create index api_token_user_idx on api_token (user_id);
`;

// No foreign keys to users and what they act on: an entry outlives them, with their names of that time.
const audit = `
create table audit_entry (
  id uuid primary key,
  workspace_id uuid not null references workspace on delete cascade,
  at timestamptz not null default now(),
  -- When it was done last, and how often: saves of a draft are gathered.
  last_at timestamptz not null default now(),
  count integer not null default 1,
  -- Null where nobody was signed in.
  user_id uuid,
  user_email text,
  api_token_id uuid,
  api_token_name text,
  action text not null,
  entity_type text not null,
  entity_id uuid,
  entity_name text,
  -- [{field, before, after}], never with a secret.
  changes json not null default '[]',
  address text not null,
  request_id text not null
);
create index audit_entry_workspace_idx on audit_entry (workspace_id, id);
create index audit_entry_user_idx on audit_entry (workspace_id, user_id, id);
create index audit_entry_action_idx on audit_entry (workspace_id, action, id);
create index audit_entry_entity_idx on audit_entry (workspace_id, entity_id, id);
`;
