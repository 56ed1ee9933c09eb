// How many tests a step ran, read from what its runner wrote for machines.

/** vitest --reporter=json */
export function countVitest(report) {
  // A file that can't be loaded has no tests to fail, so it counts as one itself.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((t) => t.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** playwright --reporter=json: a flaky test is one that failed. */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/**
 * What a step counts for: its runner's counts when it wrote any, else one test. A runner that failed
 * without a failed test, or that passed without running any, has failed once.
 */
export function countStep(code, counts) {
  const ok = code === 0;
  if (!counts) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
  const ranNone = counts.passed + counts.failed === 0;
  if (counts.failed === 0 && (!ok || ranNone)) return { ...counts, failed: 1 };
  return counts;
}

export function addCounts(list) {
  const sum = (key) => list.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
