// `npm run ledger`: re-counts a running installation and lists what does not balance. Exit code 0 when it balances, 1 when
// it does not, 2 when it cannot be told.
import { readConnections } from '@millrace/dev';
import { ledgerText } from './ledger-text.js';
import { takeLedger } from './take-ledger.js';

const asJson = process.argv.includes('--json');

try {
  const installation = await readConnections();
  if (!installation) {
    throw new Error(
      'There is nothing to count: run `npm start` in this clone, or set DATABASE_URL and AMQP_URL to those of an installation.',
    );
  }
  const ledger = await takeLedger(installation);
  process.stdout.write(asJson ? `${JSON.stringify(ledger, null, 2)}\n` : ledgerText(ledger));
  process.exitCode = ledger.balanced ? 0 : 1;
} catch (error) {
  process.stderr.write(`ledger: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
