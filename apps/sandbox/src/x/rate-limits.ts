export interface Limit {
  limit: number;
  windowSeconds: number;
}

interface Window {
  used: number;
  /** In whole seconds, as the header has it. */
  resetsAt: number;
}

const quarterOfAnHour = 15 * 60;
/** Of the endpoints that X bounds less, such as uploads. */
const usual: Limit = { limit: 500, windowSeconds: quarterOfAnHour };
const defaults: Readonly<Record<string, Limit>> = {
  'POST /2/tweets': { limit: 100, windowSeconds: quarterOfAnHour },
  'DELETE /2/tweets/:id': { limit: 50, windowSeconds: quarterOfAnHour },
  'GET /2/users/me': { limit: 75, windowSeconds: quarterOfAnHour },
  'GET /2/users/:id/mentions': { limit: 300, windowSeconds: quarterOfAnHour },
  'GET /2/tweets/search/recent': { limit: 300, windowSeconds: quarterOfAnHour },
};

/** How often each user may call each endpoint within a window that begins with the first call. */
export class RateLimits {
  private readonly set = new Map<string, Limit>();
  private readonly windows = new Map<string, Window>();

  /** Counts a call. `allowed` is false when the window is used up; the headers tell about it in any case. */
  take(
    endpoint: string,
    userId: string,
    nowMs = Date.now(),
  ): { allowed: boolean; headers: Readonly<Record<string, string>> } {
    const { limit, windowSeconds } = this.set.get(endpoint) ?? defaults[endpoint] ?? usual;
    const key = `${endpoint} ${userId}`;
    let window = this.windows.get(key);
    if (!window || nowMs >= window.resetsAt * 1000) {
      window = { used: 0, resetsAt: Math.ceil(nowMs / 1000) + windowSeconds };
      this.windows.set(key, window);
    }
    const allowed = window.used < limit;
    if (allowed) window.used += 1;
    const headers = {
      'x-rate-limit-limit': String(limit),
      'x-rate-limit-remaining': String(limit - window.used),
      'x-rate-limit-reset': String(window.resetsAt),
    };
    return { allowed, headers };
  }

  /** Another limit for an endpoint; its windows begin anew. */
  change(endpoint: string, limit: Limit): void {
    this.set.set(endpoint, limit);
    for (const key of this.windows.keys()) if (key.startsWith(`${endpoint} `)) this.windows.delete(key);
  }

  reset(): void {
    this.set.clear();
    this.windows.clear();
  }
}
