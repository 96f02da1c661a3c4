import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { defaultPorts, stackUrls } from '../stack/service-list.js';
import type { Secrets } from './data-folder.js';
import type { FirstFlow } from './first-flow.js';
import { summary } from './summary.js';

const secrets: Secrets = { masterKey: 'm', adminEmail: 'admin@example.org', adminPassword: 'pa55' };
const flow = { id: '1', webhookUrl: 'http://localhost:3001/hook/1' };
const text = (first: FirstFlow): string => stripVTControlCharacters(summary(stackUrls(defaultPorts), secrets, first));

describe('summary', () => {
  it('shows the password at the first start only', () => {
    expect(text({ outcome: 'ready', flow, created: true })).toContain('admin@example.org, password pa55');
    expect(text({ outcome: 'ready', flow, created: false })).not.toContain('pa55');
  });

  it('shows where the console is', () => {
    expect(text({ outcome: 'removed' })).toMatch(/Console +http:\/\/localhost:\d+\/\n/);
  });

  it('ends with a call of the webhook that can be pasted', () => {
    expect(text({ outcome: 'ready', flow, created: false })).toContain(
      `curl -X POST http://localhost:3001/hook/1 -H 'content-type: application/json' -d '{"petname":"Gromit","petstatus":"sold"}'`,
    );
  });

  it('leaves the call out when the flow was deleted', () => {
    expect(text({ outcome: 'removed' })).not.toContain('curl');
  });

  it('says that the sign-in is another one on a database from elsewhere', () => {
    expect(text({ outcome: 'otherAdministrator' })).toContain('does not fit');
  });
});
