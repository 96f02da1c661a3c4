import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who saved a draft last, and when, so that people who change one at the same time know of each other. */
export class DraftSavers20261123130000 implements MigrationInterface {
  readonly name = 'DraftSavers20261123130000';

  async up(runner: QueryRunner): Promise<void> {
    // Null until it is saved for the first time. Published versions name their user without a reference, too: he may be gone.
    await runner.query('alter table flow add column draft_saved_by uuid, add column draft_saved_at timestamptz');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only: restore a backup to go back.');
  }
}
