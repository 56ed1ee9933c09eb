// For a browser that nothing drives: its page asks here what to do, does it, and says what came of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { within } from './driver.js';

const CALL_MS = 45_000;

interface Command {
  id: number;
  expression: string;
}

export interface Agent {
  id: string;
  run(expression: string): Promise<unknown>;
  /** Resolves when the next page has come to ask. */
  arrival(): Promise<void>;
}

interface Running extends Agent {
  next(response: ServerResponse): void;
  answer(result: { id: number; value?: unknown; error?: string }): void;
}

const agents = new Map<string, Running>();
let lastId = 0;

export function createAgent(): Agent {
  let waiting: ServerResponse | undefined;
  let arrived: (() => void)[] = [];
  let todo: Command[] = [];
  const results = new Map<number, (result: { value?: unknown; error?: string }) => void>();

  const hand = (): void => {
    if (!waiting || !todo[0]) return;
    waiting.end(JSON.stringify(todo.shift()));
    waiting = undefined;
  };
  lastId += 1;
  const agent: Running = {
    id: `${lastId}`,
    run: async (expression) => {
      lastId += 1;
      const id = lastId;
      const result = new Promise<{ value?: unknown; error?: string }>((resolve) => {
        results.set(id, resolve);
      });
      todo.push({ id, expression });
      hand();
      const { value, error } = await within(result, CALL_MS, 'evaluate');
      if (error) throw new Error(error);
      return value;
    },
    arrival: () => {
      todo = [];
      const next = new Promise<void>((resolve) => arrived.push(resolve));
      return within(next, CALL_MS, 'a page to load');
    },
    next: (response) => {
      waiting = response;
      hand();
    },
    answer: (result) => {
      if (result.id === 0) {
        for (const resolve of arrived) resolve();
        arrived = [];
      }
      results.get(result.id)?.(result);
      results.delete(result.id);
    },
  };
  agents.set(agent.id, agent);
  return agent;
}

/** `/agent/<id>/next` and `/agent/<id>/result`. */
export function answerAgent(path: string, body: string, response: ServerResponse): void {
  const [, , id = '', what] = path.split('/');
  const agent = agents.get(id);
  if (!agent) response.writeHead(404).end();
  else if (what === 'next') agent.next(response);
  else {
    agent.answer(JSON.parse(body));
    response.writeHead(204).end();
  }
}

export async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += part;
  return text;
}
