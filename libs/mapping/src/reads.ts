import type { ExpressionFault, ExpressionReads } from './expression.js';
import { functionNames } from './function-names.js';

/** What of JSONata's syntax tree is looked at; its nodes have further fields, which hold nodes. */
export interface AstNode {
  type?: string;
  value?: unknown;
  position?: number;
  steps?: AstNode[];
  arguments?: AstNode[];
  procedure?: AstNode;
  lhs?: unknown;
  focus?: string;
  index?: string;
  tuple?: boolean;
}

/** Called without arguments, or never with the context value; every other function may take the context value for its first argument. */
const contextFree = new Set(['now', 'millis', 'random', 'uuid', 'resumeUrl']);

/** Where expressions may bind variables besides those. */
const variableNames = new Set(['', '$', 'steps', 'request', 'run']);

type Finding = { reads: ExpressionReads; fault?: UnknownVariable };
type UnknownVariable = Required<ExpressionFault> & { token: string };

/**
 * What an expression may read, found in its syntax tree, and the first variable in it that does not exist. A variable
 * that is bound anywhere in the expression counts as known.
 */
export function readAst(ast: AstNode): Finding {
  const reads: ExpressionReads = {
    output: false,
    request: false,
    run: false,
    steps: [],
    allSteps: false,
    resumeSteps: [],
    anyResumeStep: false,
  };
  const bound = new Set<string>();
  const used: AstNode[] = [];
  let parents = false;

  /** `atRoot`: the node is evaluated with the previous step's output as its context. */
  function visit(node: unknown, atRoot: boolean): void {
    if (Array.isArray(node)) return node.forEach((item) => visit(item, atRoot));
    if (typeof node !== 'object' || node === null || node instanceof RegExp) return;
    visitNode(node, atRoot);
  }

  function visitNode(node: AstNode, atRoot: boolean): void {
    if (node.focus !== undefined) {
      bound.add(node.focus);
      // After `@$x` a path goes on from where it was before, be it the root.
      reads.output = true;
    }
    if (typeof node.index === 'string') bound.add(node.index);
    switch (node.type) {
      case 'path':
        visitPath(node, node.steps ?? [], atRoot);
        return;
      case 'index':
        bound.add(String(node.value));
        return;
      case 'bind':
        bound.add(String((node.lhs as AstNode).value));
        visitFields(node, atRoot, ['lhs']);
        return;
      case 'lambda':
        for (const { value } of node.arguments ?? []) bound.add(String(value));
        visitFields(node, atRoot, ['arguments']);
        return;
      case 'variable':
        used.push(node);
        readVariable(String(node.value));
        break;
      case 'parent':
        parents = true;
        reads.output = true;
        break;
      case 'name':
      case 'wildcard':
      case 'descendant':
        if (atRoot) reads.output = true;
        break;
      case 'function':
      case 'partial':
        if (atRoot && !contextFree.has(String(node.procedure?.value))) reads.output = true;
        if (namesResumeStep(node)) {
          visitFields(node, atRoot, ['procedure']);
          return;
        }
        break;
      default:
        break;
    }
    visitFields(node, atRoot, []);
  }

  /** Predicates and groups of a node are evaluated with its value as their context. */
  function visitFields(node: AstNode, atRoot: boolean, except: string[]): void {
    for (const [field, value] of Object.entries(node)) {
      if (except.includes(field) || field === 'ancestor' || field === 'slot' || field === 'seekingParent') continue;
      visit(value, atRoot && field !== 'predicate' && field !== 'stages' && field !== 'group');
    }
  }

  function visitPath(path: AstNode, steps: AstNode[], atRoot: boolean): void {
    const [first, second] = steps;
    const namesOne =
      first?.type === 'variable' &&
      first.value === 'steps' &&
      second?.type === 'name' &&
      ![first, second].some((step) => step.tuple === true) &&
      Object.keys(first).every((field) => ['value', 'type', 'position'].includes(field));
    if (namesOne) reads.steps.push(String(second.value));
    for (const [at, step] of steps.entries()) {
      if (!(namesOne && at === 0)) visit(step, atRoot && at === 0);
    }
    visitFields(path, atRoot, ['steps']);
  }

  /** A call with the id of the step as it stands; all else that names the function is found as a variable. */
  function namesResumeStep({ type, procedure, arguments: [step, ...more] = [] }: AstNode): boolean {
    if (type !== 'function' || procedure?.type !== 'variable' || procedure.value !== 'resumeUrl') return false;
    if (step?.type !== 'string' || more.length > 0) return false;
    reads.resumeSteps.push(String(step.value));
    return true;
  }

  function readVariable(name: string): void {
    if (name === '' || name === '$') reads.output = true;
    else if (name === 'request') reads.request = true;
    else if (name === 'run') reads.run = true;
    else if (name === 'steps') reads.allSteps = true;
    else if (name === 'resumeUrl') reads.anyResumeStep = true;
    // What the text that is handed to it reads is known only then.
    else if (name === 'eval') {
      Object.assign(reads, { output: true, request: true, run: true, allSteps: true, anyResumeStep: true });
    }
  }

  visit(ast, true);
  // `%` leads back up, from a step's output to all of them.
  if (parents && reads.steps.length > 0) reads.allSteps = true;
  reads.steps = [...new Set(reads.steps)];
  reads.resumeSteps = [...new Set(reads.resumeSteps)];
  const unknown = used.find(({ value }) => !isKnown(String(value), bound));
  return unknown ? { reads, fault: unknownVariable(unknown) } : { reads };
}

function isKnown(name: string, bound: Set<string>): boolean {
  return variableNames.has(name) || functionNames.has(name) || bound.has(name);
}

function unknownVariable(node: AstNode): UnknownVariable {
  const name = String(node.value);
  const message = `Unknown variable $${name}: there are $, $$, $steps, $request, $run and the functions.`;
  return { message, position: node.position ?? 0, code: 'unknown_variable', token: `$${name}` };
}
