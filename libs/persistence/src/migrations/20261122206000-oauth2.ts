import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authorizations of OAuth 2.0 that people have begun and not finished yet. */
export class OAuth220261122206000 implements MigrationInterface {
  readonly name = 'OAuth220261122206000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(authorizations);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}

const authorizations = `
create table oauth2_authorization (
  id uuid primary key,
  -- SHA-256 of the state that goes through the browser.
  state_hash bytea not null unique,
  workspace_id uuid not null references workspace on delete cascade,
  user_id uuid not null references "user" on delete cascade,
  component text not null,
  name text not null,
  -- The credential that gets new tokens; null for a new one.
  credential_id uuid references credential on delete cascade,
  -- Client and code verifier, sealed for the component under the id of this row.
  sealed text not null,
  expires_at timestamptz not null
);
create index oauth2_authorization_expiry_idx on oauth2_authorization (expires_at);
`;
