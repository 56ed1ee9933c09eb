type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function put(into: Json, from: Json, [name = '', ...below]: string[]): void {
  if (!Object.hasOwn(from, name)) return;
  const value = from[name];
  if (below.length === 0 || !isJson(value)) {
    into[name] = value;
    return;
  }
  if (!isJson(into[name])) into[name] = {};
  put(into[name] as Json, value, below);
}

/** The attributes that were asked for; `location.city` gives a location that has a city only. */
export function pickFields(attributes: Json, names: readonly string[] | undefined): Json {
  if (!names) return attributes;
  const picked: Json = {};
  for (const name of names) put(picked, attributes, name.split('.'));
  return picked;
}

/** Every name there is in a shape, nested ones with dots. */
export function namesIn(shape: Json, prefix = ''): string[] {
  return Object.entries(shape).flatMap(([name, below]) => [
    `${prefix}${name}`,
    ...(isJson(below) ? namesIn(below, `${prefix}${name}.`) : []),
  ]);
}
