import { action, defineComponent, file } from '@millrace/component-sdk';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestHost } from './test-host.js';

const host = createTestHost(
  defineComponent({
    name: 'shouter',
    title: 'Shouter',
    version: '1.0.0',
    actions: {
      shout: action({
        title: 'Shout',
        input: z.object({ text: file() }),
        output: file(),
        run: async ({ input, files }) => {
          const { content } = await files.open(input.text);
          const shouted = content.map((chunk: Buffer) => Buffer.from(chunk.toString().toUpperCase()));
          return files.create({ name: 'shout.txt', contentType: 'text/plain' }, Readable.from(shouted));
        },
      }),
    },
  }),
);

afterAll(() => host.close());

describe('files in the tests of a component', () => {
  it('are put, opened by a step, and read as it made them', async () => {
    const text = host.files.put({ name: 'a.txt', contentType: 'text/plain' }, Buffer.from('hush'));
    const { outcome } = await host.run('shout', { input: { text: { ...text } } });
    const made = outcome.kind === 'succeeded' ? outcome.outputs[0] : undefined;
    expect(made).toMatchObject({ name: 'shout.txt', size: 4 });
    expect(host.files.read(made as { id: string }).toString()).toBe('HUSH');
  });

  it('are missing when they were not put there', async () => {
    const text = { id: '01988f7a-1b2c-7000-8000-000000000000', name: 'b', contentType: '', size: 1, url: '' };
    const { outcome } = await host.run('shout', { input: { text } });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'file_missing' }, retry: { kind: 'never' } });
  });
});
