import { openSession } from '@millrace/amqp';
import { queues, stepQueues } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { componentRepository, openDatabase, runLedgerChecks, type LedgerFinding } from '@millrace/persistence';

/** Where an installation is. */
export interface Installation {
  databaseUrl: string;
  amqpUrl: string;
}

/** How many messages of a queue wait to be taken; those that somebody has taken and not acknowledged are not seen. */
export interface QueueCount {
  queue: string;
  messages: number;
}

export interface TakenLedger {
  /** Nothing is there that can only be after a fault. */
  balanced: boolean;
  findings: (Omit<LedgerFinding, 'kind'> & { kind: 'imbalance' | 'open' })[];
  queues: QueueCount[];
}

const brokerWithinMs = 10_000;
const shownOfEach = 20;
const logger = createLogger({ service: 'ledger', level: 'silent' });

/** Re-counts an installation. Only reads, so it may run at any time; rejects when the database or the broker cannot be asked. */
export async function takeLedger({ databaseUrl, amqpUrl }: Installation): Promise<TakenLedger> {
  const database = await openDatabase({
    url: databaseUrl,
    applicationName: 'ledger',
    poolSize: 1,
    statementTimeoutMs: 0,
  });
  // It declares nothing: a queue that is not there shall not be there because it was counted.
  const topology = { exchanges: [], queues: [], bindings: [] };
  const session = openSession({ url: amqpUrl, name: 'ledger', topology, logger });
  try {
    await session.ready(brokerWithinMs);
    const components = await componentRepository(database.dataSource.manager).list();
    const names = [
      queues.triggers,
      queues.results,
      queues.parked,
      ...components.flatMap(({ name }) => stepQueues(name)),
    ];
    const counts: QueueCount[] = [];
    // Before the rows are read: what leaves a queue meanwhile is found there.
    for (const queue of names) counts.push({ queue, messages: (await session.messageCount(queue)) ?? 0 });
    const triggersWait = counts.some(({ queue, messages }) => queue === queues.triggers && messages > 0);
    const found = await runLedgerChecks(database, { limit: shownOfEach });
    const findings = found.map((finding) => {
      const open = finding.kind === 'open' || (finding.kind === 'unless-queued' && triggersWait);
      return { ...finding, kind: open ? ('open' as const) : ('imbalance' as const) };
    });
    return { balanced: findings.every(({ kind }) => kind === 'open'), findings, queues: counts };
  } finally {
    await session.close();
    await database.close();
  }
}
