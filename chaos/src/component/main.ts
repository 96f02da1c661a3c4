import { runComponent } from '@millrace/component-runtime';
import { probe } from './probe.js';

await runComponent(probe);
