import type { Reporter, TestModule } from 'vitest/node';

/** Closes a test run with one plain line that any tool can read: `N passed, N failed`, and what was skipped. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    let [passed, failed, skipped] = [0, 0, 0];
    for (const module of modules) {
      // A module that fails to load has no tests to count, and must not pass for that.
      if (module.state() === 'failed' && module.errors().length > 0) failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
        else skipped++;
      }
    }
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}
