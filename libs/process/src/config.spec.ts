import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig, setting } from './config.js';

const schema = z.object({
  AMQP_URL: setting.amqpUrl(),
  HOST: setting.host(),
  PORT: setting.port().describe('port of the HTTP server'),
  API_URL: setting.httpUrl().optional(),
});

function faultsOf(env: Record<string, string>): string {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('configuration', () => {
  it('is parsed, filled with defaults and frozen', () => {
    const config = loadConfig(schema, {
      AMQP_URL: 'amqp://localhost',
      PORT: '8080',
      API_URL: 'http://a/b/',
      OTHER: 'x',
    });
    expect(config).toEqual({ AMQP_URL: 'amqp://localhost', HOST: '127.0.0.1', PORT: 8080, API_URL: 'http://a/b' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('is frozen to its depth, with buffers left as they are', () => {
    const nested = z.object({
      KEYS: z.string().transform((text) => ({ list: text.split(','), raw: Buffer.from(text) })),
    });
    const config = loadConfig(nested, { KEYS: 'a,b' });
    expect(Object.isFrozen(config.KEYS.list)).toBe(true);
    expect(config.KEYS.raw.toString()).toBe('a,b');
  });

  it('names every fault at once, with help and without the values', () => {
    const message = faultsOf({ AMQP_URL: 'http://user:hunter2@broker', PORT: '70000' });
    expect(message).toContain('AMQP_URL: must be an amqp:// or amqps:// URL (where RabbitMQ is)');
    expect(message).toContain('PORT: must be a whole number from 0 to 65535 (port of the HTTP server)');
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('70000');
  });

  it('counts an empty variable as missing', () => {
    expect(faultsOf({ AMQP_URL: ' ', PORT: '' })).toBe(
      'The configuration is not usable. Set these environment variables:\n' +
        '  AMQP_URL: is missing (where RabbitMQ is)\n' +
        '  PORT: is missing (port of the HTTP server)',
    );
  });

  it('refuses numbers that are not whole', () => {
    for (const PORT of ['1.5', '-1', '0x10', '1e3', 'NaN']) {
      expect(faultsOf({ AMQP_URL: 'amqp://localhost', PORT })).toContain('PORT: must be a whole number');
    }
  });

  it.each([
    [undefined, 'none'],
    ['none', 'none'],
    ['2', 2],
    ['10.0.0.0/8, 192.168.1.7,fd00::/8', ['10.0.0.0/8', '192.168.1.7', 'fd00::/8']],
  ])('reads the trusted proxies %j as %j', (text, expected) => {
    expect(loadConfig(z.object({ TRUST_PROXY: setting.trustProxy() }), { TRUST_PROXY: text })).toEqual({
      TRUST_PROXY: expected,
    });
  });

  it.each(['true', 'false', '0', '11', '-1', '1.5', 'proxy.internal', '10.0.0.0/0', '10.0.0.0/33', '10.0.0.1,', '*'])(
    'refuses %s for the trusted proxies',
    (text) => {
      const load = () => loadConfig(z.object({ TRUST_PROXY: setting.trustProxy() }), { TRUST_PROXY: text });
      expect(load).toThrow('TRUST_PROXY: must be none, the number of proxies');
    },
  );
});
