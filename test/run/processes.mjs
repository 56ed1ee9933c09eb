// Which processes there are: from /proc where there is one, else (macOS) from ps.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** @typedef {{ pid: number, parent: number, command: string }} Process */

/** @returns {Process[]} */
export function fromProc() {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!pid) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name before it may hold anything, brackets too.
      const [, parent] = /^.*\) \S (\d+)/s.exec(stat) ?? [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid, parent: Number(parent), command }];
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** @returns {Process[]} */
export function fromPs() {
  const args = ['-A', '-ww', '-o', 'pid=', '-o', 'ppid=', '-o', 'args='];
  const lines = execFileSync('ps', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), parent: Number(parent), command: command.trim() }] : [];
  });
}

/** Pids of the processes whose command line has this text, and of all that they have started. */
export function pidsOf(text, all = process.platform === 'linux' ? fromProc() : fromPs()) {
  const found = new Set();
  const add = (one) => {
    if (found.has(one.pid)) return;
    found.add(one.pid);
    for (const each of all) if (each.parent === one.pid) add(each);
  };
  for (const one of all) if (one.pid !== process.pid && one.command.includes(text)) add(one);
  return [...found];
}
