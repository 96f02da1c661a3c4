import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { descriptorsFile } from '../../test/api.fixture.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

// In a process of its own: an app knows no other app, not even in its specs.
const script = `
import { descriptorOf } from '@millrace/component-sdk';
for (const name of ['webhook', 'petstore', 'timer', 'core', 'http', 'twitter']) {
  const built = await import(process.cwd() + '/apps/components/' + name + '/dist/' + name + '.js');
  process.stdout.write(JSON.stringify(descriptorOf(built[name])) + '\\n');
}
`;

it('the descriptors that the specs use are those of the components as they are built', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
  });
  if (process.env['WRITE_DESCRIPTORS']) writeFileSync(descriptorsFile, stdout);
  // When it is stale: build and run this spec with WRITE_DESCRIPTORS=1.
  expect(valuesIn(readFileSync(descriptorsFile, 'utf8'))).toEqual(valuesIn(stdout));
});

function valuesIn(lines: string): unknown[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
