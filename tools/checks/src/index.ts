export { checkBoundaries } from './boundary-check.js';
export { checkDeployment } from './deployment/deployment-check.js';
export { formatFinding, type CheckResult, type Finding } from './finding.js';
export { checkHygiene } from './hygiene-check.js';
export { boundaryRules, type BoundaryRule } from './rules.js';
