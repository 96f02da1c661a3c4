import type { Project } from './workspace.js';

/** Picks projects by their tags; all given tags must match, each by one of its values. */
export interface Selector {
  type?: readonly string[];
  scope?: readonly string[];
  runtime?: readonly string[];
}

export type Forbidden =
  /** Projects that may not be imported directly. */
  | { projects: Selector; except?: Selector }
  /** Projects that may not be imported, nor anything that imports them. */
  | { reaching: Selector }
  /** Third-party packages, by name or as `@scope/*`. */
  | { packages: readonly string[] }
  /** All modules of Node but these. */
  | { builtinsExcept: readonly string[] };

export interface BoundaryRule {
  name: string;
  /** The projects it binds … */
  from: Selector;
  /** … but for these. */
  except?: Selector;
  forbid: Forbidden;
  remedy: string;
}

/** The values that the tags of a project may have; `scope` is free. */
export const tagValues = {
  type: ['app', 'component', 'lib', 'tool', 'testing'],
  runtime: ['pure', 'node', 'nest', 'browser'],
} as const;

/** Who may know whom. A spec, or a fixture of specs, may besides import `type:testing` and the development packages of the root. */
export const boundaryRules: readonly BoundaryRule[] = [
  {
    name: 'library-below-app',
    from: { type: ['lib'] },
    forbid: { projects: { type: ['app', 'component', 'tool', 'testing'] } },
    remedy: 'a library knows libraries only; move what both need into one',
  },
  {
    name: 'testing-below-app',
    from: { type: ['testing'] },
    forbid: { projects: { type: ['app', 'component'] } },
    remedy: 'test support serves every project; let the app hand in what is its own',
  },
  {
    name: 'tool-beside-app',
    from: { type: ['tool'] },
    forbid: { projects: { type: ['app', 'component', 'testing'] } },
    remedy: 'a tool starts an app as a process; share code through a library',
  },
  {
    name: 'app-stands-alone',
    from: { type: ['app', 'component'] },
    forbid: { projects: { type: ['app', 'component', 'tool', 'testing'] } },
    remedy: 'apps meet through the broker, the database or HTTP; share code through a library',
  },
  {
    name: 'component-door',
    from: { type: ['component'] },
    // How callers sign is one subject, whether webhooks-service verifies or the webhook component describes it. Expressions
    // are evaluated in one way and under the same limits everywhere.
    forbid: {
      projects: {},
      except: { scope: ['component-sdk', 'component-runtime', 'expressions', 'signatures', 'webhook-settings'] },
    },
    remedy: 'a component knows @millrace/component-sdk and @millrace/component-runtime only; add what is missing there',
  },
  {
    name: 'pure-knows-pure',
    from: { runtime: ['pure'] },
    forbid: { projects: { runtime: ['node', 'nest'] } },
    remedy: 'a pure library knows pure libraries only; let the caller hand in the result',
  },
  {
    name: 'pure-without-io',
    from: { runtime: ['pure'] },
    forbid: {
      builtinsExcept: ['assert', 'buffer', 'crypto', 'events', 'querystring', 'string_decoder', 'url', 'util'],
    },
    remedy: 'a pure library does no I/O; let the caller hand in what it needs',
  },
  {
    name: 'browser-knows-pure',
    from: { runtime: ['browser'] },
    forbid: { projects: {}, except: { runtime: ['pure'] } },
    remedy: 'code of the browser knows pure libraries only; ask the control plane for the rest',
  },
  {
    name: 'browser-without-node',
    from: { runtime: ['browser'] },
    forbid: { builtinsExcept: [] },
    remedy: 'a browser has no modules of Node; use what the web platform offers',
  },
  {
    name: 'nest-at-the-edge',
    from: {},
    except: { runtime: ['nest'] },
    forbid: { packages: ['@nestjs/*'] },
    remedy: 'only projects tagged runtime:nest know Nest; wire it in the app or in @millrace/platform',
  },
  {
    name: 'one-broker-client',
    from: {},
    except: { scope: ['amqp', 'bench'] },
    forbid: { packages: ['amqplib', '@types/amqplib'] },
    remedy: 'use @millrace/amqp, which alone knows amqplib',
  },
  {
    name: 'one-database-client',
    from: {},
    except: { scope: ['persistence', 'bench'] },
    forbid: { packages: ['typeorm', 'pg', '@types/pg', '@nestjs/typeorm'] },
    remedy: 'use @millrace/persistence, which alone knows typeorm and pg',
  },
  {
    name: 'amqp-without-domain',
    from: { scope: ['amqp'] },
    forbid: { projects: {}, except: { scope: ['observability'] } },
    remedy: '@millrace/amqp moves bytes between named queues; take what it needs as a parameter',
  },
  {
    name: 'observability-without-domain',
    from: { scope: ['observability'] },
    forbid: { projects: {} },
    remedy: '@millrace/observability knows nothing of Millrace; take what it needs as a parameter',
  },
  {
    name: 'persistence-without-broker',
    from: { scope: ['persistence'] },
    forbid: { reaching: { scope: ['amqp'] } },
    remedy: 'the database layer knows no broker; publish in the app, after the commit',
  },
  {
    name: 'credentials-without-broker',
    from: { scope: ['credentials'] },
    forbid: { reaching: { scope: ['amqp'] } },
    remedy: 'sealing needs no broker; send in the caller',
  },
  {
    name: 'mapping-without-infrastructure',
    from: { scope: ['expressions', 'mapping', 'mapping-sandbox'] },
    forbid: { reaching: { scope: ['amqp', 'persistence'] } },
    remedy: 'mapping knows neither broker nor database; let the caller hand in the values',
  },
  {
    name: 'sdk-without-infrastructure',
    from: { scope: ['component-sdk'] },
    forbid: { reaching: { scope: ['amqp', 'persistence'] } },
    remedy:
      'what a component author imports knows neither broker nor database; put it into @millrace/component-runtime',
  },
  {
    name: 'runtime-without-database',
    from: { scope: ['component-runtime'] },
    forbid: { reaching: { scope: ['persistence'] } },
    remedy: 'a component never sees the database; carry what it needs in the message',
  },
  {
    name: 'platform-without-domain',
    from: { scope: ['platform'] },
    forbid: { reaching: { scope: ['persistence', 'flow-model'] } },
    remedy: '@millrace/platform adapts Nest and knows no flows and no tables; wire them in the app',
  },
];

/** Rules about how a project is reached and declared; they bind every project. */
export const structureRemedies = {
  'computed-import': 'name the module as a plain string, so that this check can see it',
  'relative-across-projects': 'import the other project by its package name',
  'library-inside': "import from the package itself; its index.ts is the library's only door",
  'undeclared-package': "add it to the dependencies of the project's package.json",
  'missing-reference': 'add the path to the references of tsconfig.json, so that it is built first',
  'surplus-reference': 'remove it from the references of tsconfig.json, or declare the dependency in package.json',
  'unknown-tag': 'tag the project in nx.tags of its package.json with',
} as const;

/** Whether a project has one of the values of each tag that the selector names. */
export function matches(selector: Selector, project: Project): boolean {
  return (
    has(selector.type, project.type) && has(selector.scope, project.scope) && has(selector.runtime, project.runtime)
  );
}

function has(wanted: readonly string[] | undefined, value: string | undefined): boolean {
  return wanted === undefined || (value !== undefined && wanted.includes(value));
}
