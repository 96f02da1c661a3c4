import { describe, expect, it } from 'vitest';
import { usePrivateBroker } from './private-broker.js';

const timeout = 120_000;

describe('usePrivateBroker', () => {
  const broker = usePrivateBroker();

  it('keeps address and password when it loses its disk', { timeout }, async () => {
    const { amqpUrl } = broker;
    await broker.evaluate('rabbit_vhost:add(<<"kept">>, <<"spec">>).');
    expect(await broker.evaluate('rabbit_vhost:exists(<<"kept">>).')).toBe('true');
    await broker.kill();
    await broker.loseDisk();
    await broker.start();
    expect(broker.amqpUrl).toBe(amqpUrl);
    expect(await broker.evaluate('rabbit_vhost:exists(<<"kept">>).')).toBe('false');
  });
});
