// A mutant has to break a rule, not the program: what does not even parse, or names what nobody knows, is found by
// any test that gets there, and proves nothing. Types may be wrong: many rules are about a value.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../run/setup.mjs';
import { mutate } from './mutate.mjs';

/** Of tsc: "Cannot find name" in its three forms, and "Property does not exist" in its two. */
const UNKNOWN = [2304, 2552, 18004, 2339, 2551];

/** One line for every mutant that is no program. */
export function faultsOf(mutants) {
  const folder = join(root, 'src/browser');
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const paths = [...new Set([...fileNames, ...mutants.map(({ file }) => join(root, 'src', file))])];
  /** path -> what is there instead of what is on disk, and how often that has changed. */
  const texts = new Map();
  const put = (path, text) => {
    texts.set(path, { text, version: (texts.get(path)?.version ?? 0) + 1 });
  };
  const service = ts.createLanguageService({
    ...{ fileExists: ts.sys.fileExists, readFile: ts.sys.readFile },
    getCompilationSettings: () => options,
    getScriptFileNames: () => paths,
    getScriptVersion: (path) => `${texts.get(path)?.version ?? 0}`,
    getScriptSnapshot: (path) => {
      const text = texts.get(path)?.text ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  return mutants.flatMap((mutant) => {
    const path = join(root, 'src', mutant.file);
    put(path, mutate(mutant));
    const found = [
      ...service.getSyntacticDiagnostics(path),
      ...service.getSemanticDiagnostics(path).filter(({ code }) => UNKNOWN.includes(code)),
    ];
    put(path, readFileSync(path, 'utf8'));
    return found.map(({ messageText }) => {
      return `'${mutant.breaks}': ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}
