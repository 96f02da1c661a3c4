import { checkHygiene } from './hygiene-check.js';
import { runCheck } from './finding.js';

// `node tools/checks/dist/hygiene.js`, in the root of the repository.
runCheck('hygiene', checkHygiene);
