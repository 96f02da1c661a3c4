import { readBuffered, type JsonFault } from '@millrace/bodies';
import { assertNever, type Json } from '@millrace/contracts';
import { readJsonText } from '../http/json-body.js';
import { readPropertyList } from './property-list.js';
import type { SampleFormat } from './schemas.js';

/** Something that keeps a text from being a sample, with its place where it has one. `message` is a whole sentence. */
export interface SampleFault {
  message: string;
  line?: number | undefined;
  column?: number | undefined;
}

export type SampleReading = { ok: true; value: Json } | { ok: false; faults: SampleFault[] };

/** Far above what the body of a call can hold: how large a sample may be is judged by what comes of it. */
const limits = { maxBodyBytes: 16 * 1024 * 1024 };

/** Makes a sample of what a person pasted: what a request with this text as its body would have put out. */
export function readSampleText(format: SampleFormat, text: string): SampleReading {
  switch (format) {
    case 'json':
      return readJson(text);
    case 'xml':
      return readXml(text);
    case 'properties': {
      const reading = readPropertyList(text);
      return reading.ok ? reading : { ok: false, faults: reading.faults.map(placed) };
    }
    default:
      return assertNever(format);
  }
}

function readJson(text: string): SampleReading {
  const reading = readJsonText(text);
  switch (reading.outcome) {
    case 'read':
      return { ok: true, value: reading.value };
    case 'broken':
      return { ok: false, faults: [placed(reading.fault)] };
    case 'refused':
      return { ok: false, faults: [{ message: reading.message }] };
    default:
      return assertNever(reading);
  }
}

function readXml(text: string): SampleReading {
  const body = readBuffered('xml', 'application/xml; charset=utf-8', Buffer.from(text), limits);
  if (body.ok) return readJson(body.json.toString());
  const { code, message } = body.fault;
  const { line, column } = code === 'invalid_body' ? body.fault : {};
  return { ok: false, faults: [{ message, line, column }] };
}

function placed({ line, column, message }: JsonFault): SampleFault {
  return { line, column, message: `Line ${line}, column ${column}: ${message}.` };
}
