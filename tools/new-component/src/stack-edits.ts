import { filledIn, type ComponentName } from './component-name.js';

/** A file of the repository that a new component has to be named in. */
export interface StackEdit {
  file: string;
  /** Throws when the place is not found where the component belongs. */
  apply: (text: string) => string;
}

/** What templates stand for whole parts of files. */
export interface StackTemplates {
  dockerfile: string;
  compose: string;
}

/** All files that know the components by name. */
export function stackEdits(name: ComponentName, templates: StackTemplates): StackEdit[] {
  const { kebab, constant } = name;
  const service = `component-${kebab}`;
  const fill = (template: string): string => filledIn(template, name);
  return [
    {
      file: 'tsconfig.json',
      apply: (text) =>
        before(
          text,
          '    {\n      "path": "./tsconfig.specs.json"',
          `    {\n      "path": "./apps/components/${kebab}"\n    },\n`,
        ),
    },
    { file: 'package-lock.json', apply: (text) => lockedWith(text, name) },
    { file: 'tools/dev/src/stack/service-list.ts', apply: (text) => servedWith(text, name) },
    {
      file: 'chaos/src/stack/chaos-stack.ts',
      apply: (text) => before(text, "  'component-probe':", `  '${service}': 1,\n`),
    },
    {
      file: 'docker/Dockerfile',
      apply: (text) => keyed(before(text, '# Runs to completion', fill(templates.dockerfile)), kebab),
    },
    { file: 'docker/compose.yaml', apply: (text) => before(text, 'networks:\n  default:', fill(templates.compose)) },
    {
      file: 'docker/.env.example',
      apply: (text) => {
        const withKey = afterLast(keyed(text, kebab), /^CREDENTIAL_KEY_\w+=\n/gm, `CREDENTIAL_KEY_${constant}=\n`);
        return `${withKey.trimEnd()}\n#${constant}_BASE_URL=https://api.example.com\n`;
      },
    },
    { file: 'docker/README.md', apply: (text) => keyed(text, kebab) },
    { file: 'tools/keys/README.md', apply: (text) => keyed(text, kebab) },
    {
      file: 'k8s/README.md',
      apply: (text) =>
        afterLast(
          keyed(text, kebab),
          /^\| `millrace-key-.*\n/gm,
          `| \`millrace-key-${kebab}\` | \`key\` | ${service} |\n`,
        ),
    },
    {
      file: 'k8s/base/kustomization.yaml',
      apply: (text) =>
        before(
          afterLast(text, /^ {2}- component-.*\n/gm, `  - ${service}.yaml\n`),
          '\npatches:',
          `      - ${constant}_BASE_URL=https://api.example.com\n`,
        ),
    },
    {
      file: 'k8s/overlays/example/kustomization.yaml',
      apply: (text) =>
        afterLast(
          text,
          /^ {2}- \{ name: millrace\/component-.*\n/gm,
          `  - { name: millrace/${service}, newName: registry.example.com/millrace/${service}, newTag: 0.1.0 }\n`,
        ),
    },
  ];
}

function servedWith(text: string, { kebab }: ComponentName): string {
  const service = `component-${kebab}`;
  const ports = [...text.matchAll(/^ {2}(?:'[\w-]+'|\w+): (\d{4}),$/gm)].map(([, port]) => Number(port));
  const named = before(text, "  'orchestrator',\n", `  '${service}',\n`);
  const numbered = afterLast(
    named,
    /^ {2}'component-[\w-]+': \d{4},\n/gm,
    `  '${service}': ${Math.max(...ports) + 1},\n`,
  );
  const env = `    case '${service}':\n      return { ...component, CREDENTIAL_KEY: componentKey('${kebab}') };\n`;
  return before(numbered, "    case 'component-timer':", env);
}

/** As npm writes it for a project of the workspace; so nothing has to be fetched. */
function lockedWith(text: string, { kebab }: ComponentName): string {
  const lock = JSON.parse(text) as { packages: Record<string, unknown> };
  const like = lock.packages['apps/components/petstore'];
  if (typeof like !== 'object' || like === null)
    throw new Error('the petstore component, whose packages it has, is missing');
  const packages = {
    ...lock.packages,
    [`apps/components/${kebab}`]: { ...like, name: `@millrace/component-${kebab}` },
    [`node_modules/@millrace/component-${kebab}`]: { resolved: `apps/components/${kebab}`, link: true },
  };
  const places = Object.keys(packages).sort((a, b) => a.localeCompare(b, 'en'));
  const sorted = Object.fromEntries(places.map((place) => [place, packages[place]]));
  return `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`;
}

/** The names after which `keys` makes keys. */
function keyed(text: string, kebab: string): string {
  const [, names] = /(?:compose|kubernetes) (webhook petstore(?: [a-z][a-z0-9-]*)+)/.exec(text) ?? [];
  if (names === undefined) throw new Error('the list of components that have keys is not found');
  return text.replaceAll(names, `${names} ${kebab}`);
}

function before(text: string, anchor: string, added: string): string {
  const at = text.indexOf(anchor);
  if (at === -1) throw new Error(`there is no “${anchor.trim()}”`);
  return text.slice(0, at) + added + text.slice(at);
}

function afterLast(text: string, pattern: RegExp, added: string): string {
  const last = [...text.matchAll(pattern)].at(-1);
  if (!last) throw new Error(`nothing is like ${pattern.source}`);
  const at = last.index + last[0].length;
  return text.slice(0, at) + added + text.slice(at);
}
