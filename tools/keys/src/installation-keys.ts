import { randomBytes } from 'node:crypto';
import { deriveAttachmentUrlKey, deriveComponentKey, deriveResumeUrlKey, parseKey } from '@millrace/credentials';

/** The master key of an installation and the keys that follow from it, as base64. */
export interface InstallationKeys {
  masterKey: string;
  /** Signs the URLs of files. */
  attachmentUrlKey: string;
  /** Signs the URLs that resume waiting steps. */
  resumeUrlKey: string;
  /** By name of the component. */
  componentKeys: ReadonlyMap<string, string>;
}

/**
 * Derives the key of each component from the master key, a new random one unless it is given. Throws when the given
 * one is no key or a name is no component's name; no message shows a key.
 */
export function installationKeys(components: readonly string[], givenMasterKey?: string): InstallationKeys {
  const odd = components.find((name) => !/^[a-z][a-z0-9-]*$/.test(name));
  if (odd !== undefined) throw new Error(`'${odd}' is no name of a component: small letters, digits and '-' only`);
  const masterKey = givenMasterKey === undefined ? randomBytes(32) : parseKey(givenMasterKey);
  return {
    masterKey: masterKey.toString('base64'),
    attachmentUrlKey: deriveAttachmentUrlKey(masterKey).toString('base64'),
    resumeUrlKey: deriveResumeUrlKey(masterKey).toString('base64'),
    componentKeys: new Map(components.map((name) => [name, deriveComponentKey(masterKey, name).toString('base64')])),
  };
}

/** A password of 144 random bits that needs no escaping in a URL, a shell or a file. */
export function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}
