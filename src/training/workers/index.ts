export { checkCapacity } from './capacity.ts';
export { EvaluationFailedError, type EvaluationProcess, type FinishedEvaluation } from './evaluation-process.ts';
export { WorkersFailedError } from './local-workers.ts';
export { setUpWithWorkers, type WorkersHooks, type WorkersParts } from './set-up.ts';
export { runWorker, type WorkerEnd, type WorkerOptions } from './worker.ts';
