import { createHmac } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { hookSecrets, type FlowName } from './flows.js';

interface GoodRequest {
  name: string;
  flow?: FlowName;
  /** Of `fetch`. */
  init: RequestInit & { duplex?: 'half' };
}

const document = '{"petname": "Gromit", "petstatus": "Sold"}';
const { username, password, hmac } = hookSecrets;

function post(type: string, body: string | Buffer, headers: Record<string, string> = {}): GoodRequest['init'] {
  return {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  };
}

function form(): FormData {
  const parts = new FormData();
  parts.append('petname', 'Gromit');
  parts.append('photo', new Blob([new Uint8Array(10_000)]), 'photo.png');
  return parts;
}

/** One request of each kind that is taken. */
export function goodRequests(): GoodRequest[] {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const signature = createHmac('sha256', hmac).update(document).digest('hex');
  return [
    { name: 'JSON', init: post('application/json', document) },
    { name: 'JSON with “constructor”', init: post('application/json', '{"constructor": "Ford"}') },
    { name: 'JSON in UTF-16', init: post('application/json; charset=utf-16le', Buffer.from(document, 'utf16le')) },
    { name: 'JSON in gzip', init: post('application/json', gzipSync(document), { 'content-encoding': 'gzip' }) },
    { name: 'XML', init: post('application/xml', '<?xml version="1.0"?><pet id="1"><name>Gromit</name></pet>') },
    { name: 'XML in br', init: post('text/xml', brotliCompressSync('<pet/>'), { 'content-encoding': 'br' }) },
    { name: 'a form', init: post('application/x-www-form-urlencoded', 'petname=Gromit&petstatus=Sold') },
    { name: 'CSV', init: post('text/csv', 'name,status\nGromit,sold\n') },
    { name: 'text', init: post('text/plain', 'Gromit') },
    { name: 'multipart', init: { method: 'POST', body: form() } },
    { name: 'a file', init: post('image/png', Buffer.alloc(100_000, 7)) },
    {
      name: 'a file in chunks',
      init: { method: 'PUT', body: new Blob([new Uint8Array(200_000)]).stream(), duplex: 'half' },
    },
    { name: 'nothing', init: { method: 'GET' } },
    { name: 'JSON with Basic', flow: 'basic', init: post('application/json', document, { authorization }) },
    {
      name: 'JSON with HMAC',
      flow: 'hmac',
      init: post('application/json', document, { 'x-millrace-signature': signature }),
    },
    { name: 'JSON for POST alone', flow: 'postOnly', init: post('application/json', document) },
  ];
}
