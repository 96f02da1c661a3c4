import { connect } from 'node:net';

const reachableWithinMs = 3_000;

/** The URL of a server that the operator names in the environment; `undefined` when there is none. Throws when it is none. */
export function givenUrl(name: string, protocols: readonly string[]): string | undefined {
  const value = process.env[name];
  if (!value) return undefined;
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new Error(`${name} is not usable: give a URL that begins with ${protocols[0]}//, or unset it.`);
  }
  return value;
}

/** Throws when nothing listens where the URL leads, with the name of the variable and no password. */
export async function assertReachable(name: string, value: string, defaultPort: number): Promise<void> {
  const url = new URL(value);
  const port = url.port === '' ? defaultPort : Number(url.port);
  const reason = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host: url.hostname.replaceAll(/[[\]]/g, ''), port, timeout: reachableWithinMs });
    const end = (result?: string): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`no answer within ${reachableWithinMs / 1000} s`));
    socket.once('error', (error) => end(error.message));
  });
  if (reason === undefined) return;
  throw new Error(
    `${name}: nothing answers at ${url.hostname}:${port} (${reason}). Start that server, or unset ${name}.`,
  );
}
