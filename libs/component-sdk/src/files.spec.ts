import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from './json-schema.js';
import { file } from './files.js';

describe('a file field', () => {
  it('is marked in the descriptor, whatever help it is given', () => {
    const schema = jsonSchemaOf(z.object({ photo: file().describe('a picture of the pet'), others: z.array(file()) }));
    expect(schema).toMatchObject({
      properties: {
        photo: { type: 'object', format: 'file', description: 'a picture of the pet' },
        others: { type: 'array', items: { type: 'object', format: 'file' } },
      },
    });
  });

  it('takes a reference as the trigger makes it', () => {
    const reference = {
      id: '01988f7a-1b2c-7000-8000-000000000000',
      name: 'a.png',
      contentType: 'image/png',
      size: 3,
      url: 'https://hooks.example/files/x',
    };
    expect(file().parse(reference)).toEqual(reference);
    expect(file().safeParse({ ...reference, id: '../x' }).success).toBe(false);
  });
});
