export { runComponent } from './run-component.js';
export { startComponent, type RunningComponent, type StartOptions } from './start-component.js';
export { createTestHost, type TestHost } from './test-host.js';
