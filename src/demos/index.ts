export { createExpert, type Expert, type ExpertOptions } from './expert.ts';
