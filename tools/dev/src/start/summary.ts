import { paint } from '../output/progress.js';
import type { StackUrls } from '../stack/service-list.js';
import type { Secrets } from './data-folder.js';
import type { FirstFlow } from './first-flow.js';

/** What a person needs after the start. The password is shown at the first start only; `dev.json` keeps it. */
export function summary(urls: StackUrls, secrets: Secrets, first: FirstFlow): string {
  const rows: [string, string][] = [
    ['Console', `${urls.api}/`],
    ['API', `${urls.api}/v1/docs`],
    ['Sandbox', `${urls.sandbox}/`],
  ];
  if (first.outcome === 'otherAdministrator') {
    rows.push(['Sign-in', 'as this database knows it; the password in .millrace/dev.json does not fit']);
  } else {
    const created = first.outcome === 'ready' && first.created;
    const password = created ? `password ${secrets.adminPassword}` : 'password in .millrace/dev.json';
    rows.push(['Sign-in', `${secrets.adminEmail}, ${password}`]);
  }
  if (first.outcome === 'ready') rows.push(['Webhook', first.flow.webhookUrl]);
  const table = rows.map(([name, value]) => `  ${paint('dim', name.padEnd(8))} ${value}`);
  const tryIt =
    first.outcome === 'ready'
      ? ['', '  Send a pet through the flow:', '', `    ${curlLine(first.flow.webhookUrl)}`]
      : [];
  return ['', paint('bold', '  Millrace runs.'), '', ...table, ...tryIt, '', '  Ctrl-C stops everything.', ''].join(
    '\n',
  );
}

/** A call of the webhook, ready to paste. */
export function curlLine(webhookUrl: string): string {
  const body = JSON.stringify({ petname: 'Gromit', petstatus: 'sold' });
  return `curl -X POST ${webhookUrl} -H 'content-type: application/json' -d '${body}'`;
}
