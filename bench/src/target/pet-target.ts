// A Petstore API that is a stopwatch: it stores a pet by noting when it came. Its own process, plain node:http, the
// same one for both pipelines, so that it costs little and costs both the same.
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nowUs, readPetName } from '../load/pet.js';
import type { TargetNews, TargetOrder } from './messages.js';

const apiKey = process.env['PETSTORE_KEY'];

let phase = -1;
let expected = 0;
let tellEach = false;
let latenciesMs = new Float64Array(0);
let seen = new Uint8Array(0);
let stored = 0;
let duplicates = 0;
let lastId = 0;

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.headers['api-key'] !== apiKey) return answer(response, 401, { message: 'the API key is not known' });
  if (request.method === 'GET' && request.url === '/petstore/v2/user/me') {
    return answer(response, 200, { id: 1, username: 'bench' });
  }
  if (request.method === 'POST' && request.url === '/petstore/v2/pet') return takePet(request, response);
  return answer(response, 404, { message: 'there is nothing here' });
});

function takePet(request: IncomingMessage, response: ServerResponse): void {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.on('end', () => {
    const { name, status } = JSON.parse(text) as { name: string; status: string };
    note(name);
    lastId += 1;
    answer(response, 201, { id: lastId, name, status });
  });
}

function note(name: string): void {
  const mark = readPetName(name);
  if (mark?.phase !== phase || mark.sequence >= expected) return;
  if (seen[mark.sequence]) {
    duplicates += 1;
    return;
  }
  seen[mark.sequence] = 1;
  latenciesMs[stored] = (nowUs() - mark.sentAtUs) / 1000;
  stored += 1;
  if (tellEach) tell({ kind: 'stored', phase, sequence: mark.sequence });
  if (stored === expected) report();
}

function report(): void {
  tell({ kind: 'pets', pets: { phase, expected, latenciesMs: latenciesMs.slice(0, stored), duplicates } });
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function tell(news: TargetNews): void {
  process.send?.(news);
}

process.on('message', (order: TargetOrder) => {
  if (order.kind === 'report') return report();
  ({ phase, expected, tellEach } = order);
  latenciesMs = new Float64Array(expected);
  seen = new Uint8Array(expected);
  stored = 0;
  duplicates = 0;
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => tell({ kind: 'listening', port: (server.address() as AddressInfo).port }));
