import { describe, expect, it } from 'vitest';
import { nowUs, petName, readPetName, requestBody } from './pet.js';

describe('the name of a pet', () => {
  it('tells which request it is and when that was sent', () => {
    const mark = { phase: 3, sequence: 17, sentAtUs: 123_456_789_012 };
    expect(readPetName(petName(mark))).toEqual(mark);
  });

  it.each(['Gromit', 'pet.1.2', 7, undefined])('is not read from %s', (name) => {
    expect(readPetName(name)).toBeUndefined();
  });
});

describe('the body of a request', () => {
  it('is 1 KiB of JSON with a pet that was sent just now', () => {
    const before = nowUs();
    const body = requestBody(1, 2);
    expect(Buffer.byteLength(body)).toBe(1024);
    const { petname, petstatus } = JSON.parse(body) as { petname: string; petstatus: string };
    expect(petstatus).toBe('sold');
    const mark = readPetName(petname);
    expect(mark).toMatchObject({ phase: 1, sequence: 2 });
    expect(mark!.sentAtUs).toBeGreaterThanOrEqual(before);
    expect(mark!.sentAtUs).toBeLessThanOrEqual(nowUs());
  });
});
