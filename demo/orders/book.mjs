// The shop's order book: a file for each order, on disk before the shopper or anybody else hears of it.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const FIRST_ID = 1001;

function sync(path, flags, write = () => {}) {
  const file = openSync(path, flags);
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens the book of a folder, which is made when it is not there. An entry is
 * `{ id, token, cartId, asked, order, messages }`; a message is something the order endpoint has to be told,
 * `{ id, action, path, body, state, attempts }`, and its state is `pending`, `accepted` or `refused`.
 */
export function openBook(folder) {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder)
    .filter((name) => /^\d+\.json$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

  /** Beside it first, then in its place: after a crash there is the old entry or the new one. */
  function save(entry) {
    const path = join(folder, `${entry.id}.json`);
    sync(`${path}.partial`, 'w', (file) => writeFileSync(file, JSON.stringify(entry)));
    renameSync(`${path}.partial`, path);
    sync(folder, 'r');
  }

  return {
    /** Oldest first. */
    entries: () => entries,
    find: (name, value) => entries.find((entry) => entry[name] === value),
    save,
    /** @param {(id: string) => object} write makes the entry with the next id */
    add(write) {
      const id = String(Number(entries.at(-1)?.id ?? FIRST_ID - 1) + 1);
      const entry = { ...write(id), id };
      save(entry);
      entries.push(entry);
      return entry;
    },
  };
}
