import { runComponent } from '@millrace/component-runtime';
import { timer } from './timer.js';

await runComponent(timer);
