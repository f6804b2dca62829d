import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Ambient } from './build.ts'
import type { ResolverSettings } from './settings.ts'

type Options = Ambient & { readonly settings: ResolverSettings }

/** Nothing is loaded, opened or kept before the first question. */
export function createResolver(options: Options): DnsResolver & { close(): Promise<void> } {
  let loading: Promise<{ resolver: DnsResolver; close: () => void }> | undefined
  let loaded: DnsResolver | undefined
  const load = async () => {
    const [{ buildFinder }, { resolverOn }] = await Promise.all([
      import('./build.ts'),
      import('./resolver.ts'),
    ])
    const { finder, close } = buildFinder(options.settings, options)
    loaded = resolverOn(finder, options.clock)
    return { resolver: loaded, close }
  }
  const get = async () => {
    loading ??= load()
    return (await loading).resolver
  }
  return {
    resolve: (question) => (loaded ? loaded.resolve(question) : get().then((each) => each.resolve(question))),
    explain: async (question) => (await get()).explain(question),
    close: async () => (await loading)?.close(),
  }
}
