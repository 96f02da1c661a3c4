export * from './authenticator.js';
export * from './credential.js';
