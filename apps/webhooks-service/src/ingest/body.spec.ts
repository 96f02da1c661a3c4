import { describe, expect, it } from 'vitest';
import { checkBody } from './body.js';
import { maxJsonDepth } from './json.js';

function fault(body: string | Buffer, contentType = 'application/json') {
  return checkBody(contentType, Buffer.from(body));
}

describe('a JSON body', () => {
  it.each(['{}', '[]', '"text"', '0', 'null', ' {"a": [1, {"b": "\\u0000"}]} ', '{"constructor": "Ford"}', '\t1\n'])(
    '%s is taken',
    (body) => {
      expect(fault(body)).toBeUndefined();
    },
  );

  it.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['application/cloudevents+json']])(
    'is taken as %s',
    (contentType) => {
      expect(fault('{}', contentType)).toBeUndefined();
    },
  );

  it.each([
    ['{"a": 1,}', 1, 9],
    ['{"a" 1}', 1, 6],
    ['{\n  "a": 1,\n  b: 2\n}', 3, 3],
    ['{"a": 1', 1, 8],
    ['', 1, 1],
    ['// x\n1', 1, 1],
    ['{"a": tru}', 1, 7],
  ])('%j that is broken is refused with line and column', (body, line, column) => {
    expect(fault(body)).toMatchObject({ code: 'invalid_body', line, column });
  });

  it.each(['{"__proto__": {"admin": true}}', '{"a": {"constructor": {"prototype": {}}}}', '{"\\u005f_proto__": 1}'])(
    '%s that would change a prototype is refused',
    (body) => {
      expect(fault(body)).toMatchObject({ code: 'invalid_body' });
    },
  );

  it('that nests too deep is refused with its place, whatever is in its texts', () => {
    const deep = '['.repeat(100_000);
    expect(fault(deep)).toMatchObject({ code: 'invalid_body', line: 1, column: maxJsonDepth + 1 });
    expect(fault('['.repeat(maxJsonDepth) + ']'.repeat(maxJsonDepth))).toBeUndefined();
    expect(fault(JSON.stringify({ text: '[{\\"'.repeat(1000) }))).toBeUndefined();
  });

  it('that is no UTF-8 is refused', () => {
    expect(fault(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ code: 'invalid_body' });
  });
});

describe('a body of another type', () => {
  it.each(['text/csv', 'application/xml', '', 'application/jsonp', 'text/json\n'])('“%s” is refused', (contentType) => {
    expect(fault('{}', contentType)).toMatchObject({ code: 'unsupported_media_type' });
  });
});
