import { parseNetworks } from '../../lib/networks.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import { anchorFileAt } from './anchor-file.ts'
import { type AnchorFile, Anchors, rootAnchor } from './dnssec/anchors.ts'
import { Finder } from './finder.ts'
import { Exchange } from './iterate/exchange.ts'
import { fetchFrom } from './iterate/forwarder.ts'
import { Iterator } from './iterate/iterator.ts'
import { rootHints } from './iterate/root-hints.ts'
import { Servers } from './iterate/servers.ts'
import { localNames } from './local-names.ts'
import { cacheDefaults, neverAskDefaults, type ResolverSettings } from './settings.ts'
import { countLabels, isAtOrUnder, type Name, parseName, root } from './wire/name.ts'
import { workLimits } from './work.ts'

export interface Ambient {
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

const nowhere: AnchorFile = { read: () => ({}), write: async () => undefined }

/** What `index.ts` loads when the first question is asked. */
export function buildFinder(
  settings: ResolverSettings,
  ambient: Ambient,
): {
  readonly finder: Finder
  readonly close: () => void
} {
  const { clock, log, meter } = ambient
  const exchange = new Exchange()
  const servers = new Servers(clock)
  const means = { exchange, servers, clock }
  const iterator = new Iterator({
    ...means,
    hints: settings.rootHints ?? rootHints,
    port: settings.port ?? 53,
    neverAsk: parseNetworks(settings.neverAsk ?? neverAskDefaults).networks,
  })
  const rules = forwardRules(settings)
  const finder = new Finder({
    fetch: (name, type, errand) => {
      const rule = rules.find(({ zone }) => isAtOrUnder(name, zone))
      return rule
        ? fetchFrom(rule.servers, means, { name, type }, errand)
        : iterator.fetch(name, type, errand)
    },
    forget: (reply) => iterator.forget(reply),
    anchors: new Anchors({
      anchors: settings.trustAnchors ?? [rootAnchor],
      untrusted: names(settings.withoutValidation ?? []),
      file: anchorFileOf(settings.anchorFile, log),
      clock,
      log,
    }),
    local: localNames(
      settings.hosts ?? {},
      rules.map(({ zone }) => zone).filter((zone) => zone !== root),
    ),
    cache: { ...cacheDefaults, ...settings.cache },
    work: settings.work ?? workLimits,
    clock,
    log,
    meter,
  })
  return { finder, close: () => exchange.close() }
}

function anchorFileOf(file: ResolverSettings['anchorFile'], log: Log): AnchorFile {
  return typeof file === 'string' ? anchorFileAt(file, log) : (file ?? nowhere)
}

/** The most particular first. */
function forwardRules({ forwardTo = [], forwardZones = [] }: ResolverSettings) {
  const everything = forwardTo.length > 0 ? [{ zone: root, servers: forwardTo }] : []
  const particular = forwardZones.flatMap(({ zone, servers }) =>
    names([zone]).map((name) => ({ zone: name, servers })),
  )
  return [...particular, ...everything].sort((a, b) => countLabels(b.zone) - countLabels(a.zone))
}

function names(texts: readonly string[]): Name[] {
  return texts.map(parseName).filter((name) => name !== undefined)
}
