/** The few calls of RabbitMQ's management API that tests need. */
export interface ManagementApi {
  createVhost(name: string): Promise<void>;
  deleteVhost(name: string): Promise<void>;
  /** Consumers in a virtual host. The broker shows a new one within a second and forgets one at once. */
  consumers(vhost: string): Promise<readonly BrokerConsumer[]>;
  /** Connections to a virtual host, as fresh as `consumers`. */
  connections(vhost: string): Promise<readonly BrokerConnection[]>;
  /** Queues of a virtual host, as fresh as `consumers`. */
  queues(vhost: string): Promise<readonly BrokerQueue[]>;
  /** Ends a connection from the broker's side. */
  closeConnection(name: string): Promise<void>;
  /** Deletes a queue with its messages, as an operator may. */
  deleteQueue(vhost: string, name: string): Promise<void>;
}

export interface BrokerConsumer {
  readonly queue: { readonly name: string };
  readonly consumer_tag: string;
}

export interface BrokerQueue {
  readonly name: string;
}

export interface BrokerConnection {
  readonly name: string;
  /** The name that the client gave, if it did. */
  readonly user_provided_name?: string;
}

/** The age that a consumer or connection must have to be sure to be listed. */
export const managementLagMs = 1_200;

/** @param managementUrl address with user and password in it */
export function managementApi(managementUrl: string): ManagementApi {
  const url = new URL(managementUrl);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;

  async function call(method: string, path: string): Promise<unknown> {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(`${url.origin}/api/${path}`, { method, headers });
    const text = await response.text();
    if (!response.ok && !(method === 'DELETE' && response.status === 404)) {
      throw new Error(`RabbitMQ management answered ${response.status} to ${method} /api/${path}: ${text}`);
    }
    return text && method === 'GET' ? JSON.parse(text) : undefined;
  }

  const path = encodeURIComponent;
  return {
    createVhost: async (name) => void (await call('PUT', `vhosts/${path(name)}`)),
    deleteVhost: async (name) => void (await call('DELETE', `vhosts/${path(name)}`)),
    consumers: async (vhost) => (await call('GET', `consumers/${path(vhost)}`)) as BrokerConsumer[],
    connections: async (vhost) => (await call('GET', `vhosts/${path(vhost)}/connections`)) as BrokerConnection[],
    queues: async (vhost) => (await call('GET', `queues/${path(vhost)}`)) as BrokerQueue[],
    closeConnection: async (name) => void (await call('DELETE', `connections/${path(name)}`)),
    deleteQueue: async (vhost, name) => void (await call('DELETE', `queues/${path(vhost)}/${path(name)}`)),
  };
}
