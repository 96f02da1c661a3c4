import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why a credential was refused when it was last checked, so that people need not check it again to read it. */
export class CredentialFailure20261123120000 implements MigrationInterface {
  readonly name = 'CredentialFailure20261123120000';

  async up(runner: QueryRunner): Promise<void> {
    // What the component said, masked. Null unless the credential is failing.
    await runner.query('alter table credential add column failure text');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}
