import { createTestHost } from '@millrace/component-runtime';
import { action, defineComponent, secret, TerminalError, type Component } from '@millrace/component-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogueFaults, formFaults, helpFaults, secretFaults } from './descriptor-faults.js';
import { textFaults } from './error-text.js';
import {
  aloneFaults,
  failingPeerFaults,
  keyFaults,
  rateLimitFaults,
  refusalFaults,
  silenceFaults,
} from './operation-faults.js';
import { startPeer, type Peer } from './peer.js';
import { refusedQuestionFaults, silentQuestionFaults } from './question-faults.js';
import type { Trial } from './trial.js';

const settings = z.object({ BASE_URL: z.url() });
const fields = z.object({ apiKey: secret(), apiToken: z.string() });
const secrets = ['a-key-that-is-hidden'];

/** Each operation does one thing that the suite is there to find. */
const careless: Component = defineComponent({
  name: 'careless',
  title: '',
  version: '1',
  settings,
  credentials: {
    fields,
    verify: async ({ http, settings }) => void (await http.get(settings.BASE_URL, { accept: [401] })),
  },
  actions: {
    deaf: action({
      title: 'Ignores its abort',
      settings,
      input: z.object({ when: z.string().describe('when') }),
      output: z.object({}),
      sample: async ({ settings, http }) => {
        void fetch(settings.BASE_URL).catch(() => undefined);
        return http.get(settings.BASE_URL, { timeoutMs: 300 }).then(
          () => ({}),
          () => ({}),
        );
      },
      run: async ({ settings }) => void (await fetch(settings.BASE_URL)),
    }),
    stubborn: action({
      title: 'Fails for good whatever it is, and tells the key',
      settings,
      credential: fields,
      idempotency: 'key',
      input: z.object({}),
      output: z.object({}),
      run: async ({ settings, credential, http }) => {
        const headers = { authorization: credential.apiKey };
        const answer = await http.get(settings.BASE_URL, { headers, accept: [401, 429, 500] });
        if (answer.status !== 200) throw new TerminalError(`Error: ${String(undefined)}`);
      },
    }),
  },
});

let peer: Peer;
let trial: Trial;
beforeAll(async () => {
  peer = await startPeer(secrets);
  const host = createTestHost(careless, { env: { BASE_URL: peer.url } });
  const credential = { apiKey: 'a-key-that-is-hidden', apiToken: 'x' };
  const steps = { deaf: { input: { when: 'now' } }, stubborn: {} };
  trial = {
    component: careless,
    host,
    lonelyHost: host,
    lonelyUrl: peer.url,
    peer,
    credential,
    secrets,
    stepsFor: () => steps,
  };
});
afterAll(async () => {
  await trial.host.close();
  await peer.close();
});
beforeEach(() => {
  peer.calls = [];
});

describe('of a careless component the suite tells', () => {
  it('titles, descriptions and help that are missing', () => {
    expect(helpFaults(careless, { BASE_URL: peer.url })).toEqual([
      'the title of the component is missing',
      'the description of the component is missing',
      'the version “1” is not like 1.0.0',
      'the description of deaf is missing',
      'the description of stubborn is missing',
      'the help of credential.apiKey: describe the field; it is missing',
      'the help of credential.apiToken: describe the field; it is missing',
      'the help of settings.BASE_URL: describe the field; it is missing',
    ]);
    expect(catalogueFaults(careless)).toEqual([expect.stringContaining('title')]);
  });

  it('a secret that is not marked, and an exception that is none', () => {
    const fault = 'credential.apiToken sounds like a secret: make it with secret(), or name it in notSecret';
    expect(secretFaults(careless, [])).toEqual([fault]);
    expect(secretFaults(careless, ['credential.apiToken'])).toEqual([]);
    expect(secretFaults(careless, ['deaf.input.when'])).toEqual([fault, expect.stringContaining('deaf.input.when')]);
    expect(formFaults(careless)).toEqual([]);
  });

  it('a call that goes on after its step', async () => {
    expect(await silenceFaults(trial, 'deaf')).toEqual([expect.stringContaining('a call goes on after its step')]);
  });

  it('an answer that is taken for success, and a step that calls though it should not', async () => {
    expect(await refusalFaults(trial, 'deaf', 401)).toEqual([expect.stringContaining('must fail the step')]);
    expect(await aloneFaults(trial, 'deaf')).toEqual([expect.stringContaining('must not say `alone`')]);
  });

  it('a wrong retry, and words that help nobody', async () => {
    expect(await refusalFaults(trial, 'stubborn', 401)).toEqual([
      expect.stringContaining('a value that was not there'),
      expect.stringContaining('the name of an error class'),
      expect.stringContaining('names none of'),
    ]);
    expect(await failingPeerFaults(trial, 'stubborn', 500)).toContainEqual(
      expect.stringContaining('500 may pass, so the retry must be “policy”; it is “never”'),
    );
    expect(await rateLimitFaults(trial, 'stubborn')).toContainEqual(expect.stringContaining('after 7 s'));
  });

  it('an idempotency key that is promised and not sent', async () => {
    expect(await keyFaults(trial, 'stubborn')).toEqual([expect.stringContaining('no idempotency key')]);
  });

  it('a credential that is taken for good though the peer refuses it', async () => {
    expect(await refusedQuestionFaults(trial)).toEqual([
      'verify does not say that the peer refused it',
      'the sample of deaf does not say that the peer refused it',
    ]);
  });

  it('a question that answers for a peer that never did, and whose call goes on', async () => {
    expect(await silentQuestionFaults(trial)).toEqual([
      'the sample of deaf is answered though the peer that it asks never answered',
      'a call goes on after its question was answered',
    ]);
  });
});

it.each([
  ['', 'next to nothing'],
  ['The step failed: a-key-that-is-hidden', 'shows a secret: “The step failed: •••”'],
  ['It broke\n    at run (main.js:1:2)', 'a stack'],
  ['TypeError: x is not a function', 'the name of an error class'],
])('of the message “%s” it tells what is wrong', (text, fault) => {
  expect(textFaults(text, secrets).join('\n')).toContain(fault);
});
