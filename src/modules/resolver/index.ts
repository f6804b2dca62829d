import type { DnsResolver } from '../../ports/dns-resolver.ts'
import type { Service } from '../../ports/runtime.ts'
import type { Ambient } from './build.ts'
import type { ResolverSettings } from './settings.ts'

interface Resolver {
  readonly resolver: DnsResolver
  /** Opens a port only where `settings.serve` asks for it; stopping ends the connections to other servers. */
  readonly service: Service & { readonly port: () => number | undefined }
}

/** Nothing is loaded, opened or kept before the first question. */
export function createResolver(options: Ambient & { readonly settings: ResolverSettings }): Resolver {
  let loading: ReturnType<typeof load> | undefined
  let ready: DnsResolver | undefined
  let server: Awaited<ReturnType<typeof serve>> | undefined

  async function load() {
    const [{ buildFinder }, { resolverOn }] = await Promise.all([
      import('./build.ts'),
      import('./resolver.ts'),
    ])
    const built = buildFinder(options.settings, options)
    ready = resolverOn(built.finder, options.clock)
    return { ...built, resolver: ready }
  }
  async function loaded() {
    loading ??= load()
    return loading
  }
  async function serve(settings: NonNullable<ResolverSettings['serve']>) {
    const { DnsServer } = await import('./server.ts')
    const { finder } = await loaded()
    const made = new DnsServer({ finder, clock: options.clock, log: options.log, settings })
    await made.start()
    return made
  }

  return {
    resolver: {
      resolve: (question) =>
        ready ? ready.resolve(question) : loaded().then(({ resolver }) => resolver.resolve(question)),
      explain: async (question) => (await loaded()).resolver.explain(question),
    },
    service: {
      name: 'resolver',
      start: async () => {
        if (options.settings.serve) server = await serve(options.settings.serve)
      },
      drain: async () => server?.drain(),
      stop: async () => {
        await server?.stop()
        if (loading) (await loading).close()
      },
      port: () => server?.port,
    },
  }
}
