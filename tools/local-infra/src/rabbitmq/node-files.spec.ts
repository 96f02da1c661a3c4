import { describe, expect, it } from 'vitest';
import { containerArguments } from './container.js';
import { nodeEnv } from './node-env.js';
import { type NodeIdentity, type NodePorts, configText, nodeFiles } from './node-files.js';

const identity: NodeIdentity = {
  nodeName: 'millrace-1@localhost',
  user: 'millrace',
  password: 'p4ss',
  cookie: 'c00kie',
};
const ports: NodePorts = { amqp: 20_001, distribution: 20_002, epmd: 20_003, management: 20_004 };
const withoutManagement: NodePorts = { ...ports, management: undefined };

describe('the configuration of a private node', () => {
  it('listens on the loopback address only', () => {
    const text = configText(identity, ports);
    expect(text).toContain('listeners.tcp.1 = 127.0.0.1:20001');
    expect(text).toContain('management.tcp.ip = 127.0.0.1');
    const env = nodeEnv(nodeFiles('/data'), identity, ports, []);
    expect(env['ERL_EPMD_ADDRESS']).toBe('127.0.0.1');
    expect(env['RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS']).toContain('inet_dist_use_interface {127,0,0,1}');
  });

  it('has the management API only when it is asked for', () => {
    expect(configText(identity, withoutManagement)).not.toContain('management');
  });

  it('takes nothing over from a system-wide RabbitMQ', () => {
    process.env['RABBITMQ_NODENAME'] = 'rabbit@system';
    process.env['ERL_FLAGS'] = '-system';
    const env = nodeEnv(nodeFiles('/data'), identity, ports, []);
    delete process.env['RABBITMQ_NODENAME'];
    delete process.env['ERL_FLAGS'];
    expect(env['RABBITMQ_NODENAME']).toBe('millrace-1@localhost');
    expect(env['ERL_FLAGS']).toBeUndefined();
    expect(env['RABBITMQ_CONF_ENV_FILE']).toBe('/data/none');
  });

  it('shows no secret in arguments or environment', () => {
    const env = nodeEnv(nodeFiles('/data'), identity, ports, []);
    const shown = [...Object.values(env), ...containerArguments(identity, ports, '/data/container.env')].join(' ');
    expect(shown).not.toMatch(/p4ss|c00kie/);
  });
});

describe('containerArguments', () => {
  it('publishes the ports on the loopback address and keeps the data in a named volume', () => {
    expect(containerArguments(identity, ports, '/env')).toEqual(
      expect.arrayContaining(['127.0.0.1:20001:5672', '127.0.0.1:20004:15672', 'millrace-1:/var/lib/rabbitmq', '--rm']),
    );
    expect(containerArguments(identity, withoutManagement, '/env').join(' ')).not.toContain('15672');
  });
});
