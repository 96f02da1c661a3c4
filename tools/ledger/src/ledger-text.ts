import type { TakenLedger } from './take-ledger.js';

/** The ledger for a person: what does not balance first, each with ids and what helps. */
export function ledgerText({ balanced, findings, queues }: TakenLedger): string {
  const lines: string[] = [];
  const first = [...findings].sort((a, b) => Number(a.kind === 'open') - Number(b.kind === 'open'));
  for (const { kind, name, total, says, remedy, items } of first) {
    lines.push(`${kind === 'imbalance' ? '✗' : '·'} ${name.padEnd(20)} ${String(total).padStart(8)}  ${says}`);
    const width = Math.max(...items.map(({ id }) => id.length));
    for (const { id, detail } of items) lines.push(`    ${oneLine(id).padEnd(width)}  ${oneLine(detail)}`);
    if (total > items.length) lines.push(`    and ${total - items.length} more`);
    lines.push(`    → ${remedy}`, '');
  }
  const waiting = queues.filter(({ messages }) => messages > 0);
  for (const { queue, messages } of waiting) {
    lines.push(`· ${`queue ${queue}`.padEnd(20)} ${String(messages).padStart(8)}  messages in flight`);
  }
  if (waiting.length > 0) lines.push('');
  const faults = findings.filter(({ kind }) => kind === 'imbalance').length;
  lines.push(balanced ? 'It balances.' : `It does not balance: ${faults} kind${faults === 1 ? '' : 's'} of fault.`);
  return `${lines.join('\n')}\n`;
}

/** What senders and components wrote must not move the cursor of a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
