import type { RunningRabbitmq } from '@millrace/local-infra';

/** The broker's own count of the queues that hold anything, delivered and unacknowledged messages included. */
export async function fullQueues(broker: RunningRabbitmq): Promise<string[]> {
  const told = await broker.control('--quiet', '--silent', 'list_queues', 'name', 'messages');
  return told
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, messages]) => messages !== undefined && Number(messages) > 0)
    .map(([name, messages]) => `${name}: ${messages}`);
}
