/** Web Locks of an origin: exclusive locks, in the order of asking, that end with their page. */
interface Ask {
  name: string;
  owner: object;
  held: boolean;
  grant: () => void;
}

export const createFakeLocks = (isRefused = false) => {
  let asks: Ask[] = [];

  const wake = (name: string): void => {
    const first = asks.find((ask) => ask.name === name);
    if (first && !first.held) {
      first.held = true;
      first.grant();
    }
  };
  const leave = (ask: Ask): void => {
    asks = asks.filter((other) => other !== ask);
    wake(ask.name);
  };
  const infoOf = ({ name }: Ask): LockInfo => ({ name, mode: 'exclusive', clientId: 'tab' });

  return {
    names: (): string[] => asks.map(({ name }) => name),
    /** The `navigator.locks` of one page. */
    managerOf: (owner: object, step: (name: string) => boolean): LockManager => {
      const request = (
        name: string,
        first: LockOptions | LockGrantedCallback<unknown>,
        second?: LockGrantedCallback<unknown>,
      ): Promise<unknown> => {
        const options = typeof first === 'function' ? {} : first;
        const callback = typeof first === 'function' ? first : second!;
        if (isRefused) return Promise.reject(new DOMException('simulated', 'SecurityError'));
        return new Promise((resolve, reject) => {
          if (!step(`lock ${name}`)) return;
          if (options.ifAvailable && asks.some((ask) => ask.name === name)) {
            resolve(Promise.resolve(null).then(callback));
            return;
          }
          const ask: Ask = {
            name,
            owner,
            held: false,
            grant: () => {
              Promise.resolve()
                .then(() => (step(`granted ${name}`) ? callback(infoOf(ask) as Lock) : undefined))
                .then(resolve, reject)
                .finally(() => leave(ask));
            },
          };
          options.signal?.addEventListener('abort', () => {
            if (ask.held) return;
            leave(ask);
            reject(options.signal?.reason);
          });
          asks.push(ask);
          wake(name);
        });
      };
      const query = async (): Promise<LockManagerSnapshot> => ({
        held: asks.filter(({ held }) => held).map(infoOf),
        pending: asks.filter(({ held }) => !held).map(infoOf),
      });
      return { request, query } as LockManager;
    },
    /** Whether a page holds or waits for any. */
    isUsedBy: (owner: object): boolean => asks.some((ask) => ask.owner === owner),
    /** The page is gone: what it held is free, what it waited for is forgotten. */
    end: (owner: object): void => {
      const names = new Set(asks.filter((ask) => ask.owner === owner).map(({ name }) => name));
      asks = asks.filter((ask) => ask.owner !== owner);
      for (const name of names) wake(name);
    },
  };
};

export type FakeLocks = ReturnType<typeof createFakeLocks>;
