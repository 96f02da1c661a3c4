import { newId, type FlowId, type WorkspaceId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { createAdmission, type AdmissionOptions, type LimitedFlow } from './admission.js';

function admission(options: Partial<AdmissionOptions> = {}) {
  const time = { ms: 0 };
  const control = createAdmission({
    maxConcurrentRequests: 100,
    maxWorkspaceConcurrentRequests: 100,
    workspaceRequestsPerSecond: 1_000,
    clock: () => time.ms,
    ...options,
  });
  return { control, time };
}

const flow = (more: Partial<LimitedFlow> = {}): LimitedFlow => ({
  flowId: newId<FlowId>(),
  workspaceId: newId<WorkspaceId>(),
  workspaceRequestsPerSecond: null,
  settings: {},
  ...more,
});

describe('admission', () => {
  it('keeps what is left of a rate when the flow is read again, also with another rate', () => {
    const { control, time } = admission();
    const one = flow({ settings: { rateLimit: { requestsPerSecond: 1, burst: 2 } } });
    const first = control.limitsOf(one);
    expect([control.admit(first).outcome, control.admit(first).outcome]).toEqual(['admitted', 'admitted']);
    expect(control.admit(control.limitsOf(one))).toEqual({ outcome: 'tooMany', of: 'flow', retryAfterSeconds: 1 });
    const slower = control.limitsOf({ ...one, settings: { rateLimit: { requestsPerSecond: 0.1 } } });
    expect(control.admit(slower)).toEqual({ outcome: 'tooMany', of: 'flow', retryAfterSeconds: 10 });
    time.ms = 10_000;
    expect(control.admit(slower).outcome).toBe('admitted');
  });

  it('shares the rate of a workspace among its flows, and takes no token of a flow for nothing', () => {
    const { control } = admission({ workspaceRequestsPerSecond: 1 });
    const workspaceId = newId<WorkspaceId>();
    const settings = { rateLimit: { requestsPerSecond: 1, burst: 1 } };
    const [one, two] = [flow({ workspaceId }), flow({ workspaceId, settings })].map((each) => control.limitsOf(each));
    expect(control.admit(one!).outcome).toBe('admitted');
    expect(control.admit(two!)).toMatchObject({ outcome: 'tooMany', of: 'workspace' });
    expect(two?.flow?.bucket.tokens).toBe(1);
  });

  it('prefers the number of the workspace and the rate of the flow to those of the operator', () => {
    const { control } = admission({ workspaceRequestsPerSecond: 1, flowRequestsPerSecond: 1 });
    const limits = control.limitsOf(
      flow({ workspaceRequestsPerSecond: 3, settings: { rateLimit: { requestsPerSecond: 5 } } }),
    );
    const outcomes = Array.from({ length: 4 }, () => control.admit(limits));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'admitted', 'tooMany']);
    expect(outcomes[3]).toMatchObject({ of: 'workspace' });
    const usual = control.limitsOf(flow());
    expect([control.admit(usual).outcome, control.admit(usual)]).toMatchObject(['admitted', { of: 'flow' }]);
  });

  it('lets a flow answer so many at a time, and the process so many of all flows', () => {
    const { control } = admission({ maxConcurrentRequests: 2 });
    const one = control.limitsOf(flow({ settings: { maxConcurrentRequests: 1 } }));
    expect(control.admit(one).outcome).toBe('admitted');
    expect(control.admit(one)).toEqual({ outcome: 'tooMany', of: 'concurrent', retryAfterSeconds: 1 });
    const two = control.limitsOf(flow());
    expect(control.admit(two).outcome).toBe('admitted');
    expect(control.admit(two)).toEqual({ outcome: 'full', retryAfterSeconds: 1 });
    control.release(one);
    expect(control.admit(one).outcome).toBe('admitted');
  });

  it('lets a workspace have no more than its share of all calls at a time, whatever its flows are', () => {
    const { control } = admission({ maxConcurrentRequests: 4, maxWorkspaceConcurrentRequests: 2 });
    const workspaceId = newId<WorkspaceId>();
    const [one, two, three] = [1, 2, 3].map(() => control.limitsOf(flow({ workspaceId })));
    expect([control.admit(one!).outcome, control.admit(two!).outcome]).toEqual(['admitted', 'admitted']);
    const refused = { outcome: 'tooMany', of: 'workspaceConcurrent', retryAfterSeconds: 1 };
    expect(control.admit(three!)).toEqual(refused);
    expect(control.admit(control.limitsOf(flow())).outcome).toBe('admitted');
    control.release(one!);
    expect(control.admit(three!).outcome).toBe('admitted');
  });
});
