import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { isInWorld, isNearby } from '../nearby.ts'
import { type Evidence, registeredPart } from '../rules/evidence.ts'

/** Names in a message that somebody may know: plain data. */
export interface NamesInside {
  /** Of links and of whom it says it is from, as somebody registers them; addresses as they stand. */
  readonly hosts: readonly string[]
  /** Those of `hosts` that links lead to. */
  readonly linked: readonly string[]
  /** Where it wants its answer. */
  readonly mailboxes: readonly string[]
  /** Computers it came through before, the last first. */
  readonly hops: readonly string[]
}

const mostHosts = 10
const mostMailboxes = 4
const mostHops = 3
const textRead = 20_000

/** In every second message, and never listed. */
const everywhere = new Set(
  `adobe.com amazon.com amazon.de apple.com bing.com dhl.com dhl.de ebay.com ebay.de facebook.com github.com gitlab.com
   gmail.com gmx.de gmx.net google.com google.de googleapis.com gstatic.com hotmail.com icloud.com instagram.com linkedin.com
   live.com microsoft.com mozilla.org outlook.com paypal.com t-online.de twitter.com w3.org web.de wikipedia.org x.com yahoo.com
   youtube.com`.split(/\s+/),
)

export function namesInside(evidence: Evidence): NamesInside {
  const { content, from, replyTo, values } = evidence
  const links = content.links.filter(({ scheme }) => scheme !== 'mailto').map(({ host }) => host)
  const people = [...from, ...replyTo].map(({ domain }) => domain)
  return {
    hosts: askedHosts([...people, ...links]),
    linked: askedHosts(links),
    mailboxes: mailboxesIn(evidence),
    hops: hopsOf(values('received')),
  }
}

/** Each once, and only those that somebody else may know. */
export function askedHosts(names: readonly string[]): string[] {
  const hosts = new Set<string>()
  for (const name of names) {
    if (hosts.size >= mostHosts) break
    const host = hostToAsk(name)
    if (host !== undefined) hosts.add(host)
  }
  return [...hosts]
}

function hostToAsk(name: string): string | undefined {
  if (isIP(name) !== 0) return isNearby(name) ? undefined : name
  const host = registeredPart(domainToASCII(name))
  return isInWorld(host) && !everywhere.has(host) ? host : undefined
}

function mailboxesIn({ replyTo, content }: Evidence): string[] {
  const found = new Set(replyTo.map(({ local, domain }) => `${local}@${domain}`.toLowerCase()))
  for (const { text } of content.texts)
    for (const address of addressesIn(text.slice(0, textRead))) found.add(address.toLowerCase())
  return [...found].filter((address) => isInWorld(address.split('@').at(-1) ?? '')).slice(0, mostMailboxes)
}

const domainAfter = /@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,20}/iy
const longestLocal = 64

/** As `[\w.+-]{1,64}@…` finds them, from each `@` on: hardly any text has one, and a search for words tries all of them. */
function addressesIn(text: string): string[] {
  const found: string[] = []
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const least = Math.max(from, at - longestLocal)
    let start = at
    while (start > least && isOfLocal(text.charCodeAt(start - 1))) start--
    domainAfter.lastIndex = at
    if (start === at || !domainAfter.test(text)) continue
    from = domainAfter.lastIndex
    found.push(text.slice(start, from))
  }
  return found
}

/** `[\w.+-]` */
const isOfLocal = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) ||
  (unit >= 0x41 && unit <= 0x5a) ||
  (unit >= 0x30 && unit <= 0x39) ||
  [0x5f, 0x2e, 0x2b, 0x2d].includes(unit)

/** Addresses in `from` clauses of servers before ours. Anybody can write them: they count less than who really came. */
function hopsOf(received: readonly string[]): string[] {
  const hops = received.flatMap((field) => {
    const [from = ''] = field.split(/\sby\s/i)
    const ip = /\[(?:IPv6:)?([0-9a-f.:]{3,45})\]/i.exec(from)?.[1] ?? ''
    return isIP(ip) !== 0 && !isNearby(ip) ? [ip] : []
  })
  return [...new Set(hops)].slice(0, mostHops)
}
