import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that start browsers, simulators and fleets of workers: on a small machine two of them at once are too many. */
const ALONE = [
  'test/chaos/**/*.test.ts',
  'test/cli/exits.test.ts',
  'test/viewer/**/*.test.ts',
  'test/bridge/coppeliasim/supervisor/**/*.test.ts',
];

/** Builds, packs and installs the package: a run of its own. */
const PACKAGE = 'test/package/**/*.test.ts';

export default defineConfig({
  // Examples import the package by its name, as its users do.
  resolve: { alias: { graspbridge: fileURLToPath(new URL('./src/index.ts', import.meta.url)) } },
  test: {
    reporters: ['default', './test/closing-line.ts'],
    // Of tests that run side by side in one file.
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'two at a time',
          include: ['test/**/*.test.ts'],
          exclude: [...ALONE, PACKAGE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Browsers that draw without a graphics processor are slow where other things run, too.
        test: {
          name: 'one at a time',
          include: ALONE,
          maxWorkers: 1,
          testTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'package', include: [PACKAGE], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
