/** The entry of a table that must be there. */

type Table<V> = ReadonlyMap<unknown, V> | Readonly<Record<string, V>>;

export function lookUp<K, V>(table: ReadonlyMap<K, V>, key: K, what: string): V;
export function lookUp<V>(table: Readonly<Record<string, V>>, key: string, what: string): V;
export function lookUp<V>(table: Table<V>, key: string, what: string): V {
  const entry = isMap(table) ? table.get(key) : Object.hasOwn(table, key) ? table[key] : undefined;
  if (entry === undefined) throw new Error(`there is no ${what} ${key}`);
  return entry;
}

function isMap<V>(table: Table<V>): table is ReadonlyMap<unknown, V> {
  return table instanceof Map;
}
