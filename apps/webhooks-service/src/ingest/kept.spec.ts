import { describe, expect, it } from 'vitest';
import { keptHeaders, keptQuery } from './kept.js';

describe('the headers of a call', () => {
  it('go on without what proves who the caller is', () => {
    const headers = {
      authorization: 'Basic x',
      cookie: 'a=b',
      connection: 'close',
      'x-a': ['1', '2'],
      'user-agent': 'u',
    };
    expect(keptHeaders(headers, [])).toEqual({ 'x-a': '1, 2', 'user-agent': 'u' });
  });

  it('and its query go on without the places where the credential of the flow sends its secret', () => {
    expect(keptHeaders({ 'x-api-key': 'secret', 'x-b': '1' }, ['x-api-key'])).toEqual({ 'x-b': '1' });
    expect(keptQuery({ key: 'secret', page: '2' }, ['key'])).toEqual({ page: '2' });
  });
});
