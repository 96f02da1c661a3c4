import { placeOf, type JsonFault } from '@millrace/bodies';
import type { JsonObject } from '@millrace/contracts';
import { isForbiddenName } from '../http/json-body.js';

export type PropertyListReading = { ok: true; value: JsonObject } | { ok: false; faults: JsonFault[] };

const maxNames = 1_000;
const maxLevels = 10;
const maxNameLength = 200;
/** More faults tell a reader no more. */
const maxFaults = 20;

interface Part {
  text: string;
  /** Where it begins in the whole list. */
  at: number;
}

/**
 * Makes a sample of a list of property names, `petname, owner.name`: each becomes a field whose value is its name, so
 * that a mapping shows where its input comes from; dots lead into objects. Answers all faults with their places.
 */
export function readPropertyList(text: string): PropertyListReading {
  const names = partsOf({ text, at: 0 }, ',');
  const surplus = names[maxNames];
  if (surplus) return { ok: false, faults: [placeOf(text, surplus.at, `these are more than ${maxNames} names`)] };
  const value: JsonObject = {};
  const faults: JsonFault[] = [];
  for (const name of names) {
    const fault = faultOf(name) ?? place(value, name);
    if (fault) faults.push(placeOf(text, fault.at, fault.message));
    if (faults.length === maxFaults) break;
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value };
}

/** Splits a part and drops the white space around each piece. */
function partsOf(part: Part, separator: string): Part[] {
  let at = part.at;
  return part.text.split(separator).map((piece) => {
    const begin = at + (piece.length - piece.trimStart().length);
    at += piece.length + separator.length;
    return { text: piece.trim(), at: begin };
  });
}

interface PartFault {
  at: number;
  message: string;
}

/** Quotes and brackets are signs of another format; a line break of a comma that was left out. */
const impossible = /["'`{}[\]()<>=;\\|\p{Cc}\p{Surrogate}]/u;

function faultOf(name: Part): PartFault | undefined {
  const { text, at } = name;
  if (text === '') return { at, message: 'the name of a property is expected here' };
  if (text.length > maxNameLength) return { at, message: `this name is longer than ${maxNameLength} characters` };
  const odd = impossible.exec(text);
  if (odd) {
    const message = /\s/.test(odd[0]) ? 'a comma is expected between two names' : `${odd[0]} cannot be part of a name`;
    return { at: at + odd.index, message };
  }
  const levels = partsOf(name, '.');
  if (levels.length > maxLevels) return { at, message: `this name leads deeper than ${maxLevels} levels` };
  for (const level of levels) {
    if (level.text === '') return { at: level.at, message: 'a name is expected before and after each dot' };
    if (isForbiddenName(level.text)) return { at: level.at, message: `“${level.text}” cannot be the name of a field` };
  }
  return undefined;
}

function place(root: JsonObject, name: Part): PartFault | undefined {
  const levels = partsOf(name, '.').map((level) => level.text);
  const leaf = levels.pop() ?? '';
  let at = root;
  for (const level of levels) {
    if (!Object.hasOwn(at, level)) at[level] = {};
    const next = at[level];
    if (typeof next !== 'object') return { at: name.at, message: `“${level}” is a field already, it holds no others` };
    at = next as JsonObject;
  }
  if (Object.hasOwn(at, leaf)) return { at: name.at, message: `“${name.text}” is named already` };
  at[leaf] = [...levels, leaf].join('.');
  return undefined;
}
