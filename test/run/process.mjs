// Starts programs so that none of them outlives this one.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

// Inherited by everything we start, however deep: a browser that left its process group (Playwright
// starts it that way) is still known by it.
const markName = 'KLAVIYO_STOREFRONT_RUN';
const mark = `${process.pid}-${randomUUID()}`;
const running = new Set();

/**
 * Runs a program to its end and keeps what it says. Never rejects: a program that can't be started
 * has code 127, one that had to be stopped at `timeoutMs` has code 124.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, timeoutMs?: number, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(
  command,
  args,
  { env = process.env, cwd, timeoutMs = 1_800_000, onOutput } = {},
) {
  return new Promise((resolve) => {
    let output = '';
    let stopped = false;
    const child = spawn(command, args, {
      cwd,
      env: { ...env, [markName]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const timer = setTimeout(() => {
      stopped = true;
      output += `\nStopped after ${timeoutMs / 1000} s.\n`;
      stop(child);
    }, timeoutMs);
    const take = (text) => {
      output += text;
      onOutput?.(String(text));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    running.add(child);
    const finish = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: stopped ? 124 : code, output });
    };
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      finish(127);
    });
    child.on('exit', (code, signal) => {
      signalGroup(child, 'SIGKILL'); // what it left behind in its group
      const end = () => finish(code ?? (signal ? 1 : 0));
      child.on('close', end); // everything it said has been read
      setTimeout(end, 2_000).unref(); // unless a process outside the group still holds the pipe
    });
  });
}

function signalGroup(child, signal) {
  if (!child.pid) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch {
    // already gone
  }
}

function stop(child) {
  signalGroup(child, 'SIGTERM');
  setTimeout(signalGroup, 5_000, child, 'SIGKILL').unref();
}

/** Ends whatever we started that is still there (Linux: found by the mark in its environment). */
export function endStragglers() {
  for (const child of running) signalGroup(child, 'SIGKILL');
  if (process.platform !== 'linux') return;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!pid || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${markName}=${mark}`)) {
        process.kill(pid, 'SIGKILL');
      }
    } catch {
      // gone meanwhile, or another user's
    }
  }
}
