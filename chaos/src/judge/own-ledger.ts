import { inRepository } from '@millrace/dev';
import { runCommand } from '@millrace/local-infra';
import type { Servers } from '../stack/servers.js';

const timeoutMs = 120_000;

interface Finding {
  readonly kind: 'imbalance' | 'open';
  readonly [field: string]: unknown;
}

/** What `npm run ledger` finds out of balance: what an operator would be told must agree with this judgement. */
export async function ledgerFaults({ databaseUrl, broker }: Servers): Promise<string[]> {
  const result = await runCommand(process.execPath, [inRepository('tools/ledger/dist/main.js'), '--json'], {
    cwd: inRepository(),
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, AMQP_URL: broker.amqpUrl },
    timeout: timeoutMs,
  });
  try {
    const { findings } = JSON.parse(result.stdout) as { findings: Finding[] };
    return findings.map((finding) => `the ledger does not balance: ${JSON.stringify(finding)}`);
  } catch {
    return [`the ledger could not be taken: ${result.tail}`];
  }
}
