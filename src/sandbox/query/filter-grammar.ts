// The `filter` parameter's language, by Klaviyo's guide on filtering: `equals(email,"ada@a.com")`,
// `and(...)`, and several conditions with commas between them, which all have to hold.

/** A value as it is written: text in quotes, the others bare. */
export type Literal =
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'datetime'; value: number; text: string };

export interface Condition {
  operator: string;
  field: string;
  /** None for `has(field)`, a list for `any(field,[...])`. */
  operand: Literal | Literal[] | undefined;
}

export interface Combination {
  combine: 'and' | 'or' | 'not';
  of: FilterNode[];
}

export type FilterNode = Condition | Combination;

/** What is wrong with a filter, in words for whoever wrote it. */
export class FilterSyntaxError extends Error {}

const maxDepth = 20;
const name = /[A-Za-z_][\w.-]*/y;
const bare = /[^\s,()[\]"']+/y;
const number = /^-?\d+(\.\d+)?$/;
const datetime = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Throws a FilterSyntaxError for text that is no filter. */
export function parseFilter(text: string): FilterNode {
  let at = 0;

  function fail(expected: string): never {
    const found = at < text.length ? `'${text.slice(at, at + 12)}'` : 'its end';
    throw new FilterSyntaxError(`Expected ${expected} at character ${at + 1}, found ${found}.`);
  }
  const skipSpace = () => {
    while (text[at] === ' ') at += 1;
  };
  function eat(sign: string): boolean {
    skipSpace();
    if (text[at] !== sign) return false;
    at += 1;
    return true;
  }
  function take(pattern: RegExp, expected: string): string {
    skipSpace();
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? fail(expected);
    at += found.length;
    return found;
  }
  const need = (sign: string) => eat(sign) || fail(`'${sign}'`);

  function quoted(quote: string): Literal {
    let value = '';
    for (;;) {
      const sign = text[at];
      if (sign === undefined) fail(`a closing ${quote}`);
      at += 1;
      if (sign === quote) return { kind: 'string', value };
      if (sign === '\\') {
        value += text[at] ?? fail('a character after the backslash');
        at += 1;
      } else value += sign;
    }
  }

  function literal(): Literal {
    if (eat('"')) return quoted('"');
    if (eat("'")) return quoted("'");
    const start = at;
    const word = take(bare, 'a value');
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true' };
    if (number.test(word)) return { kind: 'number', value: Number(word) };
    if (datetime.test(word) && !Number.isNaN(Date.parse(word))) {
      return { kind: 'datetime', value: Date.parse(word), text: word };
    }
    at = start;
    return fail('text in quotes, a number, true, false or a date and time with its offset');
  }

  function list(): Literal[] {
    const values: Literal[] = [];
    if (eat(']')) return values;
    do values.push(literal());
    while (eat(','));
    need(']');
    return values;
  }

  function node(depth: number): FilterNode {
    if (depth > maxDepth) fail('fewer brackets');
    const operator = take(name, 'an operator');
    need('(');
    if (operator === 'and' || operator === 'or' || operator === 'not') {
      const of = nodes(depth + 1);
      need(')');
      if (operator === 'not' && of.length > 1) fail('one condition in not(...)');
      return { combine: operator, of };
    }
    const field = take(name, 'a field');
    const operand = eat(',') ? (eat('[') ? list() : literal()) : undefined;
    need(')');
    return { operator, field, operand };
  }

  function nodes(depth: number): FilterNode[] {
    const found = [node(depth)];
    while (eat(',')) found.push(node(depth));
    return found;
  }

  const found = nodes(0);
  skipSpace();
  if (at < text.length) fail('a comma or the end');
  return found.length === 1 && found[0] ? found[0] : { combine: 'and', of: found };
}
