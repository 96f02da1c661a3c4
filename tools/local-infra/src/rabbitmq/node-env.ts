import { join } from 'node:path';
import type { NodeFiles, NodeIdentity, NodePorts } from './node-files.js';

/**
 * The environment of the node and its port mapper. Nothing of a system-wide RabbitMQ or Erlang is taken over: their
 * variables are dropped, and every path and port is our own.
 */
export function nodeEnv(
  files: NodeFiles,
  identity: NodeIdentity,
  ports: NodePorts,
  erlangArguments: readonly string[],
): NodeJS.ProcessEnv {
  const nowhere = join(files.folder, 'none');
  return {
    ...inherited(),
    HOME: files.home,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // The start script then becomes the broker instead of waiting for it as a child, so the pid is the broker's.
    RUNNING_UNDER_SYSTEMD: 'true',
    RABBITMQ_CONF_ENV_FILE: nowhere,
    RABBITMQ_NODENAME: identity.nodeName,
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONFIG_FILE: files.config,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${nowhere}.config`,
    RABBITMQ_ENABLED_PLUGINS_FILE: files.plugins,
    RABBITMQ_MNESIA_BASE: files.database,
    RABBITMQ_MNESIA_DIR: join(files.database, 'node'),
    RABBITMQ_LOG_BASE: files.logs,
    RABBITMQ_LOGS: '-',
    RABBITMQ_PID_FILE: join(files.folder, 'node.pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${erlangArguments.join(' ')}`,
  };
}

function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(RABBITMQ_|ERL_|EPMD|NOTIFY_SOCKET|NODE_|npm_)/.test(name),
  );
  return Object.fromEntries(kept);
}
