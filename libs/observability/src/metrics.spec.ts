import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.js';

describe('metrics', () => {
  it('are told in the text format of Prometheus', () => {
    const metrics = createMetrics({ component: 'petstore' });
    const steps = metrics.counter('steps_total', 'Steps.');
    steps.add({ outcome: 'succeeded' });
    steps.add({ outcome: 'succeeded' }, 2);
    steps.add({ outcome: 'failed "so"\n' });
    metrics.gauge('waiting', 'What waits.', () => 4);
    const took = metrics.histogram('step_seconds', 'How long.', [0.1, 1]);
    for (const seconds of [0.05, 0.5, 0.1, 7]) took.observe(seconds);
    expect(metrics.text().split('\n')).toEqual([
      '# HELP steps_total Steps.',
      '# TYPE steps_total counter',
      'steps_total{component="petstore",outcome="succeeded"} 3',
      String.raw`steps_total{component="petstore",outcome="failed \"so\"\n"} 1`,
      '# HELP waiting What waits.',
      '# TYPE waiting gauge',
      'waiting{component="petstore"} 4',
      '# HELP step_seconds How long.',
      '# TYPE step_seconds histogram',
      'step_seconds_bucket{component="petstore",le="0.1"} 2',
      'step_seconds_bucket{component="petstore",le="1"} 3',
      'step_seconds_bucket{component="petstore",le="+Inf"} 4',
      'step_seconds_sum{component="petstore"} 7.65',
      'step_seconds_count{component="petstore"} 4',
      '',
    ]);
  });

  it('have one meaning for each name', () => {
    const metrics = createMetrics();
    metrics.counter('x_total', 'One.');
    expect(() => metrics.counter('x_total', 'Another.')).toThrow(/There is a metric x_total/);
  });
});
