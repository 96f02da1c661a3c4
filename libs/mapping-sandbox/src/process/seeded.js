import { createHash } from 'node:crypto';

// A mapping is evaluated again when a message is delivered twice, and must then give the same input, or a redelivery
// would be a second, different effect. So nothing here is random: every number follows from the seed, which names the
// step run, from the place of the expression in the mapping, and from how many were drawn before it. The same holds
// for the time. Nothing of this is a secret.

let seed = '';
let place = '';
let drawn = 0;
let now = 0;

/**
 * @param {string} ofStepRun
 * @param {string} pointer
 * @param {number} nowMs
 */
export function beginLeaf(ofStepRun, pointer, nowMs) {
  seed = ofStepRun;
  place = pointer;
  drawn = 0;
  now = nowMs;
}

/** The moment that the mapping is evaluated at, in milliseconds. */
export function currentMillis() {
  return now;
}

/** A number from 0 to below 1. */
export function seededRandom() {
  const bytes = draw();
  return (bytes.readUIntBE(0, 6) * 32 + (bytes.readUInt8(6) >> 3)) / 2 ** 53;
}

/** In the shape of version 4, which every receiver takes. */
export function seededUuid() {
  const bytes = draw().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function draw() {
  drawn += 1;
  return createHash('sha256').update(`${seed}\n${place}\n${drawn}`).digest();
}

// `$random` and `$shuffle` of JSONata draw from here.
Math.random = seededRandom;
