import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { curlText, shellWord } from './curl-text.js';

const url = 'https://hooks.example.com/hook/1';

it('is the command of the tutorial', () => {
  expect(curlText(url, 'basic')).toBe(
    [
      `curl -X POST 'https://hooks.example.com/hook/1' \\`,
      `  -u '{USERNAME}:{PASSWORD}' \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{`,
      `  "petname": "Gromit",`,
      `  "petstatus": "Sold"`,
      `}'`,
    ].join('\n'),
  );
  expect(curlText(url, 'none')).not.toContain('-u');
});

it('keeps every text one word of the shell', () => {
  const text = `it's $HOME \`id\` "x"\n\\`;
  expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
});
