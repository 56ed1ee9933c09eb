// Loaded before the program of a child process: ends it when its parent has gone, however that went. A
// parent that was killed says nothing, but the channel between the two is broken then.
import { rmSync } from 'node:fs';

process.once('disconnect', () => {
  // What the parent can't clean up any more.
  const folder = process.env.DEMO_FOLDER;
  if (folder) rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
// Listening must not be a reason to live on: the program ends by itself when it has been stopped.
process.channel?.unref();
