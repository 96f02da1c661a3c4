import { runComponent } from '@millrace/component-runtime';
import { core } from './core.js';

await runComponent(core);
