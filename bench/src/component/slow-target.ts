// Answers each request after `ANSWER_MS`, as a small API far away. A process of its own; says its port first.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answerMs = Number(process.env['ANSWER_MS']);

const server = createServer((request, response) => {
  request.resume();
  setTimeout(() => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"id":1,"status":"available"}');
  }, answerMs);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
