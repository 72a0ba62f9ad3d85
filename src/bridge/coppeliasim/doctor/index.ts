export { type Examination, type ExamineOptions, examine } from './examine.ts';
export type { Finding, FindingStatus } from './finding.ts';
