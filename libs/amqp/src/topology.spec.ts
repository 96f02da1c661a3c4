import { describe, expect, it } from 'vitest';

import { stayingQueue, workQueue } from './amqp.fixture.js';
import { DeclaredTopology, replyCode, TopologyError, type Topology } from './topology.js';

const steps = workQueue('steps.petstore');

function topologyOf(part: Partial<Topology>): Topology {
  return { exchanges: [], queues: [], bindings: [], ...part };
}

describe('DeclaredTopology', () => {
  it('finds nothing missing in what it keeps, also when it is described by another object', () => {
    const declared = new DeclaredTopology();
    declared.keep(topologyOf({ exchanges: [{ name: 'events', type: 'topic' }], queues: [steps] }));
    expect(declared.missing(topologyOf({ queues: [{ ...steps }] }))).toBeUndefined();
    expect(declared.hasExchange('events')).toBe(true);
    expect(declared.hasExchange('other')).toBe(false);
  });

  it('tells the part that is missing', () => {
    const declared = new DeclaredTopology();
    declared.keep(topologyOf({ queues: [steps] }));
    const binding = { queue: 'steps.petstore', exchange: 'events', routingKey: '#' };
    const wanted = topologyOf({ queues: [steps, stayingQueue('parked')], bindings: [binding] });
    expect(declared.missing(wanted)).toEqual(topologyOf({ queues: [stayingQueue('parked')], bindings: [binding] }));
  });

  it('counts another declaration of a known name as missing', () => {
    const declared = new DeclaredTopology();
    declared.keep(topologyOf({ queues: [steps] }));
    const other = workQueue('steps.petstore', 5);
    expect(declared.missing(topologyOf({ queues: [other] }))?.queues).toEqual([other]);
  });

  it('lists everything once', () => {
    const declared = new DeclaredTopology();
    declared.keep(topologyOf({ queues: [steps] }));
    declared.keep(topologyOf({ queues: [{ ...steps }, stayingQueue('parked')] }));
    expect(declared.all().queues.map((queue) => queue.name)).toEqual(['steps.petstore', 'parked']);
  });
});

describe('TopologyError', () => {
  it('names what was refused and the remedy', () => {
    const refused = Object.assign(new Error('PRECONDITION_FAILED - inequivalent arg'), { code: 406 });
    const error = new TopologyError('queue "triggers"', refused);
    expect(error.code).toBe(406);
    expect(error.message).toContain('queue "triggers": it exists with other arguments: delete it on the broker');
  });
});

describe('replyCode', () => {
  it('is undefined for errors of other kinds', () => {
    expect(replyCode(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toBeUndefined();
    expect(replyCode('text')).toBeUndefined();
  });
});
