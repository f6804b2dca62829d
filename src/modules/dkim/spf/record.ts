import { isIP } from 'node:net'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { addressOctets } from '../../../lib/ip-octets.ts'
import { type MacroString, parseDomainSpec, parseMacros } from './macro.ts'

/** A record of SPF, taken apart. RFC 7208 §4.6.1. */
export interface SpfRecord {
  readonly directives: readonly Directive[]
  readonly redirect: MacroString | undefined
  readonly explanation: MacroString | undefined
}

export interface Directive {
  readonly result: 'pass' | 'fail' | 'softfail' | 'neutral'
  readonly mechanism: Mechanism
  /** As it was written, for people. */
  readonly text: string
}

export type Mechanism =
  | { readonly name: 'all' }
  | { readonly name: 'include' | 'exists'; readonly domain: MacroString }
  | { readonly name: 'ptr'; readonly domain: MacroString | undefined }
  | {
      readonly name: 'a' | 'mx'
      readonly domain: MacroString | undefined
      readonly bits4: number
      readonly bits6: number
    }
  | { readonly name: 'ip'; readonly network: Uint8Array; readonly bits: number }

const qualifiers = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const
const versionMark = /^v=spf1(?= |$)/i
const term = /^([-+~?]?)([a-z0-9]+)(?:$|(?=[:/]))(.*)$/i
const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i

export const isSpfRecord = (text: string): boolean => versionMark.test(text)

/** Throws `BadSyntax`: one mistake spoils the record, wherever it stands. RFC 7208 §4.6. */
export function parseSpfRecord(text: string): SpfRecord {
  const directives: Directive[] = []
  const modifiers = new Map<string, MacroString>()
  for (const word of text.replace(versionMark, '').split(' ').filter(Boolean)) {
    const [, name, value] = modifier.exec(word) ?? []
    if (name === undefined || value === undefined) directives.push(directive(word))
    else addModifier(modifiers, name.toLowerCase(), value)
  }
  return { directives, redirect: modifiers.get('redirect'), explanation: modifiers.get('exp') }
}

function addModifier(modifiers: Map<string, MacroString>, name: string, value: string): void {
  const known = name === 'redirect' || name === 'exp'
  if (known && modifiers.has(name)) throw new BadSyntax(`${name}= twice`, 0)
  // An unknown modifier is nothing, but has to be written properly.
  modifiers.set(name, known ? parseDomainSpec(value) : parseMacros(value, 'name'))
}

function directive(word: string): Directive {
  const [, sign = '', name = '', rest = ''] = term.exec(word) ?? []
  const result = qualifiers[(sign || '+') as keyof typeof qualifiers]
  return { result, mechanism: mechanism(name.toLowerCase(), rest), text: word }
}

function mechanism(name: string, rest: string): Mechanism {
  switch (name) {
    case 'all':
      if (rest !== '') throw new BadSyntax('all stands alone', 0)
      return { name }
    case 'include':
    case 'exists':
      return { name, domain: parseDomainSpec(afterColon(rest)) }
    case 'ptr':
      return { name, domain: rest === '' ? undefined : parseDomainSpec(afterColon(rest)) }
    case 'a':
    case 'mx':
      return { name, ...nameAndBits(rest) }
    case 'ip4':
      return network(afterColon(rest), 4)
    case 'ip6':
      return network(afterColon(rest), 6)
    default:
      throw new BadSyntax('no such mechanism', 0)
  }
}

function afterColon(rest: string): string {
  if (!rest.startsWith(':') || rest.length === 1) throw new BadSyntax('expected a value', 0)
  return rest.slice(1)
}

const cidr = '(0|[1-9]\\d{0,2})'
const dualCidr = new RegExp(`^(.*?)(?:/${cidr})?(?://${cidr})?$`)

function nameAndBits(rest: string): {
  readonly domain: MacroString | undefined
  readonly bits4: number
  readonly bits6: number
} {
  const [, name = '', bits4 = '32', bits6 = '128'] = dualCidr.exec(rest) ?? []
  if (Number(bits4) > 32 || Number(bits6) > 128) throw new BadSyntax('no such prefix', 0)
  const domain = name === '' ? undefined : parseDomainSpec(afterColon(name))
  return { domain, bits4: Number(bits4), bits6: Number(bits6) }
}

const ipCidr = new RegExp(`^([^/]*)(?:/${cidr})?$`)

function network(text: string, family: 4 | 6): Mechanism {
  const most = family === 4 ? 32 : 128
  const [, address = '', bits = most] = ipCidr.exec(text) ?? []
  const octets = isIP(address) === family ? plainOctets(address, family) : undefined
  if (!octets || Number(bits) > most) throw new BadSyntax('no such network', 0)
  return { name: 'ip', network: octets, bits: Number(bits) }
}

/** `::ffff:192.0.2.1` is an IPv6 network here, which no client is in: clients like that are IPv4 clients. */
function plainOctets(address: string, family: 4 | 6): Uint8Array | undefined {
  const octets = addressOctets(address)
  return octets?.length === 4 && family === 6 ? new Uint8Array(16) : octets
}
