import { type DomainName, parseDomain } from '../../../lib/address.ts'
import { BadSyntax } from '../../../lib/bad-syntax.ts'

/** What an administrator asks of the way to one next hop, whatever others say of it. */
export interface Override {
  readonly level: OverrideLevel
  /** Names a certificate may bear: for `verify` and `secure`. Undefined: what the level says. */
  readonly match: readonly string[] | undefined
}

const levels = ['none', 'may', 'encrypt', 'dane', 'dane-only', 'verify', 'secure'] as const
type OverrideLevel = (typeof levels)[number]

/** By next hop: `far.example`, `.far.example` for what lies below it, `[relay.example]:587`. */
export type PolicyMap = ReadonlyMap<string, Override>

/**
 * Postfix's tls_policy.map, as Mailu's overrides have it: `far.example  secure match=.far.example:far.example`. Attributes that
 * choose protocols and ciphers are read and mean nothing here. https://www.postfix.org/TLS_README.html#client_tls_policy
 */
export function readPolicyMap(text: string): PolicyMap {
  const map = new Map<string, Override>()
  logicalLines(text).forEach(({ line, number }) => {
    const [key = '', word = '', ...attributes] = line.split(/\s+/)
    const level = levels.find((each) => each === word.toLowerCase())
    if (!level)
      throw new BadSyntax(
        `line ${number}: expected one of ${levels.join(', ')}, found ${word || 'nothing'}`,
        number,
      )
    const match = attributes.find((attribute) => attribute.startsWith('match='))?.slice('match='.length)
    map.set(keyOf(key), { level, match: match?.split(/[:|]/).filter((name) => name !== '') })
  })
  return map
}

/** The most particular line: the next hop itself, then the domains that it lies in. */
export function overrideFor(map: PolicyMap, nextHop: string, port: number): Override | undefined {
  const exact =
    map.get(`[${nextHop}]:${port}`) ??
    map.get(`[${nextHop}]`) ??
    map.get(`${nextHop}:${port}`) ??
    map.get(nextHop)
  if (exact) return exact
  for (let dot = nextHop.indexOf('.'); dot >= 0; dot = nextHop.indexOf('.', dot + 1)) {
    const found = map.get(nextHop.slice(dot))
    if (found) return found
  }
  return undefined
}

/** A line that begins with a blank goes on with the one before it. */
function logicalLines(text: string): readonly { readonly line: string; readonly number: number }[] {
  const lines: { line: string; number: number }[] = []
  text.split(/\r?\n/).forEach((raw, index) => {
    if (/^\s*(?:#|$)/.test(raw)) return
    const last = lines.at(-1)
    if (/^\s/.test(raw) && last) last.line += ` ${raw.trim()}`
    else lines.push({ line: raw.trim(), number: index + 1 })
  })
  return lines
}

function keyOf(text: string): string {
  const [, dot = '', name = ''] = /^(\.?)(.*)$/.exec(text.toLowerCase()) ?? []
  const domain: DomainName | undefined = parseDomain(name)
  return dot + (domain ?? name)
}
