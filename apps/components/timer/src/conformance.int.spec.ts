import { describeComponent } from '@millrace/component-conformance';
import { timer } from './timer.js';

describeComponent(timer, { steps: { tick: { alone: true } } });
