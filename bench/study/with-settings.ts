/** The networks under other settings. */
export function withSettings<Network extends { readonly settings: unknown }>(network: Network, settings: Network['settings']): Network {
  return new Proxy(network, {
    get(target, name) {
      if (name === 'settings') return settings;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
