// Things of one kind in one account: found by id at once, and listed in any of their orders without
// sorting anew for every page.

/** What things are ordered by; null comes last, as in Klaviyo's database. */
export type SortValue = string | number | null;

export interface Kept {
  readonly id: string;
  /** Its place in the order of arrival, which settles ties in every other order. */
  readonly seq: number;
}

/** How an order reads the value it sorts by. */
export type SortBy<T> = (item: T) => SortValue;

export function compareValues(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

export const comparer =
  <T extends Kept>(by: SortBy<T>) =>
  (a: T, b: T): number =>
    compareValues(by(a), by(b)) || a.seq - b.seq;

interface Order<T> {
  items: T[];
  by: SortBy<T>;
  isSorted: boolean;
}

const byArrival: SortBy<Kept> = ({ seq }) => seq;

/** @param sorts the orders it can be listed in, besides that of arrival */
export function createCollection<T extends Kept>(sorts: Record<string, SortBy<T>> = {}) {
  const byId = new Map<string, T>();
  const gone = new Set<T>();
  const orders = new Map<string, Order<T>>();

  function orderOf(name: string): Order<T> {
    const known = orders.get(name);
    if (known) return known;
    const order = { items: [...byId.values()], by: sorts[name] ?? byArrival, isSorted: false };
    orders.set(name, order);
    return order;
  }

  function sweep(): void {
    if (gone.size === 0) return;
    for (const order of orders.values()) {
      order.items = order.items.filter((item) => !gone.has(item));
    }
    gone.clear();
  }

  return {
    add(item: T): void {
      byId.set(item.id, item);
      for (const { items } of orders.values()) items.push(item);
      for (const order of orders.values()) order.isSorted = false;
    },
    remove(item: T): void {
      if (byId.get(item.id) !== item) return;
      byId.delete(item.id);
      gone.add(item);
    },
    /** To be called when something has changed that an order reads. */
    touch(): void {
      for (const order of orders.values()) order.isSorted = false;
    },
    get: (id: string): T | undefined => byId.get(id),
    get size() {
      return byId.size;
    },
    values: (): IterableIterator<T> => byId.values(),
    /** Everything, ascending. What is nearly in order already costs one comparison an item, not a sort. */
    ordered(name = ''): { items: readonly T[]; by: SortBy<T> } {
      sweep();
      const order = orderOf(name);
      if (!order.isSorted) order.items.sort(comparer(order.by));
      order.isSorted = true;
      return order;
    },
  };
}

export type Collection<T extends Kept> = ReturnType<typeof createCollection<T>>;

/** One of something for each account, made when it is first asked for. */
export function perAccount<T>(create: () => T) {
  const accounts = new Map<string, T>();
  return {
    of(companyId: string): T {
      const known = accounts.get(companyId);
      if (known) return known;
      const created = create();
      accounts.set(companyId, created);
      return created;
    },
    all: (): IterableIterator<T> => accounts.values(),
    clear: (): void => accounts.clear(),
  };
}
