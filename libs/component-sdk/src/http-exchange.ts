import type { Dispatcher } from 'undici';
import type { AbortSource } from './abort.js';

export interface Exchanged {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

/**
 * One request and its answer, read whole, on the dispatcher itself: without the body stream and the abort signal that
 * `undici.request` makes for each call it takes half the CPU. Rejects with undici's error, or with the source's reason
 * once that aborts, which also ends the connection.
 */
export function exchange(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  abort: AbortSource,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const reason = (): Error => abort.reason ?? new Error('The call was aborted');
    if (abort.aborted) {
      reject(reason());
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Exchanged['headers'] = {};
    const chunks: Buffer[] = [];
    const forget = abort.onAbort(() => {
      controller?.abort(reason());
      reject(reason());
    });
    pool.dispatch(options, {
      onRequestStart(started) {
        // It may have waited for a connection when the step was aborted.
        if (abort.aborted) started.abort(reason());
        else controller = started;
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = received;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        forget();
        const [first] = chunks;
        resolve({ status, headers, body: first && chunks.length === 1 ? first : Buffer.concat(chunks) });
      },
      onResponseError(_controller, error) {
        forget();
        reject(error);
      },
    });
  });
}
