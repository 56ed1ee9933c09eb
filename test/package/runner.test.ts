import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addCounts, countPlaywright, countStep, countsLine, countVitest } from '../run/counts.mjs';
import { endStragglers, run } from '../run/process.mjs';
import { fromProc, fromPs, pidsOf } from '../run/processes.mjs';
import { checkNode } from '../run/setup.mjs';

/** A zombie has ended: only whoever should have collected it has not done so. */
const isRunning = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('what a step counts for', () => {
  it('is one test when its program does not count', () => {
    expect(countStep(0, undefined)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(countStep(2, undefined)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("is its runner's counts otherwise", () => {
    const counts = { passed: 3, failed: 2, skipped: 1 };
    expect(countStep(1, counts)).toEqual(counts);
  });

  it('is a failure when no test ran, or when the runner failed without a failed test', () => {
    expect(countStep(0, { passed: 0, failed: 0, skipped: 4 }).failed).toBe(1);
    expect(countStep(1, { passed: 7, failed: 0, skipped: 0 })).toMatchObject({
      passed: 7,
      failed: 1,
    });
  });

  it('has a file that could not be loaded as one failure', () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 0,
      testResults: [
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [{ status: 'passed' }] },
      ],
    };
    expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });

  it('has a flaky browser test as a failure', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 };
    expect(countPlaywright({ stats, errors: [] })).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('ends in one line', () => {
    const none = { passed: 0, failed: 0, skipped: 0 };
    expect(countsLine(addCounts([none, { passed: 2, failed: 1, skipped: 0 }]))).toBe(
      '2 passed, 1 failed',
    );
    expect(countsLine({ passed: 2, failed: 0, skipped: 3 })).toBe('2 passed, 0 failed, 3 skipped');
  });
});

describe('run', () => {
  it('keeps what a program says and its code', async () => {
    const code = "console.log('said'); console.error('also'); process.exit(3)";
    const result = await run(process.execPath, ['--eval', code]);
    expect(result.code).toBe(3);
    expect(result.output).toContain('said');
    expect(result.output).toContain('also');
  });

  it('reports a program that is not there', async () => {
    expect((await run('no-such-program', [])).code).toBe(127);
  });

  it('stops a program that does not end', async () => {
    const forever = ['--eval', 'setInterval(() => undefined, 1000)'];
    const result = await run(process.execPath, forever, { timeoutMs: 100 });
    expect(result.code).toBe(124);
    expect(result.output).toContain('Stopped after');
  });

  it.runIf(process.platform === 'linux')(
    'leaves no process behind, however it was started',
    async () => {
      const forever = JSON.stringify(['--eval', 'setInterval(() => undefined, 1000)']);
      const options = "{ stdio: 'ignore', detached: true }";
      const code = `
      const child = require('node:child_process').spawn(process.execPath, ${forever}, ${options});
      child.unref();
      console.log(child.pid);
    `;
      const { output } = await run(process.execPath, ['--eval', code]);
      const pid = Number(output);
      expect(isRunning(pid)).toBe(true);
      endStragglers();
      await expect.poll(() => isRunning(pid)).toBe(false);
    },
  );
});

const hasPs = (await run('ps', ['-A', '-o', 'pid='])).code === 0;

describe('pidsOf', () => {
  const all = [
    { pid: 10, parent: 1, command: '/usr/lib/firefox --profile /tmp/matrix-profile-aB -no-remote' },
    { pid: 11, parent: 10, command: 'firefox -contentproc' },
    { pid: 12, parent: 11, command: 'firefox -contentproc' },
    { pid: 20, parent: 1, command: '/usr/lib/firefox --profile /tmp/matrix-profile-cD -no-remote' },
    { pid: process.pid, parent: 1, command: 'node test.mjs matrix-profile-aB' },
  ];

  it('is what has the text in its command line, and what that has started', () => {
    expect(pidsOf('matrix-profile-aB', all)).toEqual([10, 11, 12]);
    expect(pidsOf('matrix-profile-eF', all)).toEqual([]);
  });

  for (const { name, list, isHere } of [
    { name: '/proc', list: fromProc, isHere: process.platform === 'linux' },
    { name: 'ps', list: fromPs, isHere: hasPs },
  ]) {
    it.runIf(isHere)(`is read from ${name}`, async () => {
      const mark = `mark-${Math.random()}`;
      const inner = "setInterval(() => undefined, 1000); console.log('here')";
      const code = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['--eval', ${JSON.stringify(inner)}]);
      child.stdout.on('data', () => console.log(child.pid));
    `;
      let found: number[] = [];
      let pid = 0;
      await run(process.execPath, ['--eval', code, mark], {
        onOutput: (text: string) => {
          pid = Number(text);
          found = pidsOf(mark, list());
          for (const each of found) process.kill(each, 'SIGKILL');
        },
      });
      expect(found).toHaveLength(2);
      expect(found[1]).toBe(pid);
    });
  }
});

describe('checkNode', () => {
  it('names the version that is needed', () => {
    expect(() => checkNode('20.18.1')).toThrow('needs Node 20.19 or newer, and this is 20.18.1');
    expect(() => checkNode('18.20.0')).toThrow('needs Node');
    expect(() => checkNode('20.19.0')).not.toThrow();
    expect(() => checkNode('24.0.0')).not.toThrow();
  });
});
