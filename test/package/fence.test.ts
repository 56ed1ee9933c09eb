import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** Compiles `code` as if it were a file of the room, under the room's own tsconfig. */
function errorsIn(room: string, code: string): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(`${src}${room}/tsconfig.json`, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
    },
  });
  if (!config) throw new Error(`src/${room} has no tsconfig.json`);
  // One file is not the whole project, which composite and noUnusedLocals would object to.
  const { composite, incremental, tsBuildInfoFile, emitDeclarationOnly, ...kept } = config.options;
  const options = { ...kept, declaration: false, noEmit: true, noUnusedLocals: false };
  const path = `${src}${room}/not-a-file.ts`;
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === path
      ? ts.createSourceFile(name, code, version)
      : getSourceFile(name, version, ...rest);
  const program = ts.createProgram([path], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map((problem) => ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
}

const node = "import { readFileSync } from 'node:fs';\nexport const text = readFileSync('a');";
const process = 'export const directory = process.cwd();';
const page = 'export const title = document.title;';
const location = 'export const href = window.location.href;';
const clock = 'export const id = setTimeout(() => undefined, 1);';
const language = 'export const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);';

describe.each([
  { room: 'shared', compiles: { language }, refused: { page, location, node, process, clock } },
  { room: 'browser', compiles: { language, page, location, clock }, refused: { node, process } },
  { room: 'sandbox', compiles: { language, node, process, clock }, refused: { page, location } },
  { room: 'server', compiles: { language, node, process, clock }, refused: { page, location } },
])('src/$room', ({ room, compiles, refused }) => {
  it.each(Object.entries(compiles))('compiles what belongs there: %s', (_, code) => {
    expect(errorsIn(room, code)).toEqual([]);
  });

  it.each(Object.entries(refused))('refuses what does not exist there: %s', (_, code) => {
    expect(errorsIn(room, code).join('\n')).toMatch(/Cannot find (name|module)/);
  });
});
