import { createTestHost } from '@millrace/component-runtime';
import { jsonSchemaOf, type Component } from '@millrace/component-sdk';
import type { JsonObject } from '@millrace/contracts';
import { secretsOf } from '@millrace/credentials';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalogueFaults, formFaults, helpFaults, secretFaults } from './descriptor-faults.js';
import * as faultsOf from './operation-faults.js';
import { startPeer, refusing, type Peer } from './peer.js';
import { emptyCredentialFaults, refusedQuestionFaults, silentQuestionFaults } from './question-faults.js';
import { runExample, type StepExample, type Trial } from './trial.js';

/** What the suite cannot know of a component. */
export interface ComponentExample {
  /** Settings of the operator, with the address of the suite's HTTP server in place of the real system's. */
  env?: (url: string) => Readonly<Record<string, string>>;
  /** Fields that the credential's schema takes; its values need not be real. */
  credential?: JsonObject;
  /**
   * A step of every operation, as a function where the address to call stands in the input. One that calls no other system
   * says `alone: true`.
   */
  steps: Readonly<Record<string, StepExample>> | ((url: string) => Readonly<Record<string, StepExample>>);
  /** Fields that sound like a secret and are none, such as `createRow.input.pageToken`. */
  notSecret?: readonly string[];
}

const lonelyUrl = 'http://127.0.0.1:1';

/**
 * The suite that every component runs in a spec of its own: what it says of itself, and how its operations bear with a peer
 * that is silent, refuses, fails, asks for patience or is not there. It is hosted as the runtime hosts it and calls a
 * real HTTP server; nothing is mocked. Takes about 2 s for each operation that calls.
 */
export function describeComponent(component: Component, example: ComponentExample): void {
  const { credential, notSecret = [] } = example;
  const envFor = (url: string) => ({ OUTGOING_ALLOW: '127.0.0.1', ...example.env?.(url) });
  const stepsFor = (url: string) => (typeof example.steps === 'function' ? example.steps(url) : example.steps);
  const settings = component.settings?.parse(envFor(lonelyUrl));
  const operations = [...component.operations.keys()];
  const isAlone = (name: string): boolean => stepsFor(lonelyUrl)[name]?.alone === true;
  const calls = (name: string): boolean => !isAlone(name);

  describe(`the component ${component.name}`, () => {
    it('has a descriptor that the catalogue takes', () => expect(catalogueFaults(component, settings)).toEqual([]));
    it('has titles, descriptions and help for every field', () => expect(helpFaults(component, settings)).toEqual([]));
    it('marks what is secret', () => expect(secretFaults(component, notSecret, settings)).toEqual([]));
    it('has the lists and fields that its forms name', () => expect(formFaults(component, settings)).toEqual([]));
    it('has an example of each operation, and of its credential', () => {
      expect(Object.keys(stepsFor(lonelyUrl)).toSorted()).toEqual(operations.toSorted());
      if (component.credentials)
        expect(component.credentials.fields.safeParse(credential)).toMatchObject({ success: true });
    });

    let trial: Trial;
    let peer: Peer;
    beforeAll(async () => {
      const secrets =
        component.credentials && credential ? secretsOf(jsonSchemaOf(component.credentials.fields), credential) : [];
      peer = await startPeer(secrets);
      const host = createTestHost(component, { env: envFor(peer.url) });
      const lonelyHost = createTestHost(component, { env: envFor(lonelyUrl) });
      trial = { component, host, lonelyHost, lonelyUrl, peer, credential, secrets, stepsFor };
      // What is loaded with the first call is not to count as time of a step.
      peer.behaviour = refusing(401);
      for (const name of operations.filter(calls).slice(0, 1)) await runExample(trial, name);
    });
    afterAll(async () => {
      await Promise.all([trial.host.close(), trial.lonelyHost.close()]);
      await peer.close();
    });
    beforeEach(() => {
      peer.calls = [];
    });

    it('says in words which fields of a credential are missing', async () =>
      expect(await emptyCredentialFaults(trial)).toEqual([]));
    it('answers questions in the words of a peer that refuses', async () =>
      expect(await refusedQuestionFaults(trial)).toEqual([]));
    it('answers questions in time when the peer is silent', async () =>
      expect(await silentQuestionFaults(trial)).toEqual([]));

    it.each(operations)('%s names the field that is missing', async (name) =>
      expect(await faultsOf.missingFieldFaults(trial, name)).toEqual([]),
    );
    it.each(operations.filter(isAlone))('%s answers by itself', async (name) =>
      expect(await faultsOf.aloneFaults(trial, name)).toEqual([]),
    );
    describe.each(operations.filter(calls))('%s', (name) => {
      it('ends with its step when the peer is silent', async () =>
        expect(await faultsOf.silenceFaults(trial, name)).toEqual([]));
      it.each([401, 403] as const)('fails for good and in words when the peer answers %i', async (status) =>
        expect(await faultsOf.refusalFaults(trial, name, status)).toEqual([]),
      );
      it.each([500, 503] as const)('leaves %i to the retry policy', async (status) =>
        expect(await faultsOf.failingPeerFaults(trial, name, status)).toEqual([]),
      );
      it('waits as long as 429 asks', async () => expect(await faultsOf.rateLimitFaults(trial, name)).toEqual([]));
      it('leaves a peer that is not there to the retry policy', async () =>
        expect(await faultsOf.absenceFaults(trial, name)).toEqual([]));
      it('takes an answer that it does not know, or says so', async () =>
        expect(await faultsOf.oddAnswerFaults(trial, name)).toEqual([]));
      it('sends the idempotency key that it declares', async () =>
        expect(await faultsOf.keyFaults(trial, name)).toEqual([]));
    });
  });
}
