import { randomUUID } from 'node:crypto';
import { signIn, type ApiClient } from '@millrace/dev';
import { openDatabase } from '@millrace/persistence';
import { inject } from 'vitest';
import type { SharedStack } from './shared-stack.js';

/** A workspace that nobody else works in, on a Millrace that others may use. */
export interface ConsoleWorkspace extends SharedStack {
  /** As its administrator. */
  api: ApiClient;
}

/** Makes a workspace with its administrator on the stack that browser tests share. */
export async function openWorkspace(): Promise<ConsoleWorkspace> {
  const shared = inject('consoleStack');
  const email = `${randomUUID()}@example.com`;
  const database = await openDatabase({ url: shared.databaseUrl, poolSize: 1, applicationName: 'console spec' });
  try {
    // The password is that of the first administrator, so its hash is known.
    await database.dataSource.query(
      `with workspace as (
         insert into workspace (id, name) values (gen_random_uuid(), 'Millrace') returning id
       ), administrator as (
         insert into "user" (id, email, name, password_hash)
         select gen_random_uuid(), $1, name, password_hash from "user" where email = $2 returning id
       )
       insert into membership (workspace_id, user_id, role)
       select workspace.id, administrator.id, 'administrator' from workspace, administrator`,
      [email, shared.administrator.email],
    );
  } finally {
    await database.close();
  }
  const administrator = { email, password: shared.administrator.password };
  return { ...shared, administrator, api: await signIn(shared.urls.api, email, administrator.password) };
}
