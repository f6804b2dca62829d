import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { addressOctets, isInNetwork, nibbles } from '../../../lib/ip-octets.ts'
import { findClientNames } from '../client-names.ts'
import type { Found, Lookups } from '../lookups.ts'
import { expandMacros, type MacroString, type MacroValues, parseMacros } from './macro.ts'
import { type Directive, isSpfRecord, type Mechanism, parseSpfRecord, type SpfRecord } from './record.ts'

type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror'

export interface SpfVerdict {
  readonly result: SpfResult
  /** The term that decided, or what is wrong; '' where there is nothing to say. */
  readonly why: string
  /** What the domain's owner says of a failure, in his words. */
  readonly explanation: string
}

export interface SpfQuestion {
  readonly ip: string
  readonly helo: string
  readonly localPart: string
  /** Of MAIL FROM; or the name given in HELO. */
  readonly domain: string
  /** Our own name. */
  readonly receiver: string
  readonly now: number
}

/** RFC 7208 §4.6.4. */
const mostTerms = 10
const mostVoid = 2
const mostNames = 10

/** May this address send mail for this domain? `check_host` of RFC 7208 §4. */
export async function checkSpf(question: SpfQuestion, lookups: Lookups): Promise<SpfVerdict> {
  const ip = addressOctets(question.ip)
  if (!ip || !isDomain(question.domain)) return { result: 'none', why: '', explanation: '' }
  return new Check(question, ip, lookups).run()
}

/** Ends the check, wherever it stands. */
class Ended extends Error {
  readonly result: 'temperror' | 'permerror'

  constructor(result: 'temperror' | 'permerror', why: string) {
    super(why)
    this.result = result
  }
}

const notNow = () => new Ended('temperror', 'DNS does not answer now')

class Check {
  readonly #question: SpfQuestion
  readonly #ip: Uint8Array
  readonly #lookups: Lookups
  #terms = 0
  #void = 0

  constructor(question: SpfQuestion, ip: Uint8Array, lookups: Lookups) {
    this.#question = question
    this.#ip = ip
    this.#lookups = lookups
  }

  async run(): Promise<SpfVerdict> {
    try {
      return await this.#host(this.#question.domain)
    } catch (cause) {
      if (cause instanceof Ended) return { result: cause.result, why: cause.message, explanation: '' }
      throw cause
    }
  }

  async #host(domain: string): Promise<SpfVerdict> {
    const record = await this.#record(domain)
    if (!record) return { result: 'none', why: '', explanation: '' }
    for (const directive of record.directives) {
      if (await this.#matches(directive.mechanism, domain)) return this.#verdict(directive, record, domain)
    }
    if (!record.redirect) return { result: 'neutral', why: 'no term fits', explanation: '' }
    this.#countTerm()
    const target = await this.#name(record.redirect, domain)
    const verdict = isDomain(target) ? await this.#host(target) : undefined
    if (!verdict || verdict.result === 'none')
      throw new Ended('permerror', `redirect leads to ${shown(target)}, which has no record`)
    return verdict
  }

  async #record(domain: string): Promise<SpfRecord | undefined> {
    const texts = await this.#lookups.texts(domain)
    if (texts === 'trouble') throw notNow()
    const records = texts === 'none' ? [] : texts.filter(isSpfRecord)
    const [only, ...others] = records
    if (only === undefined) return undefined
    if (others.length > 0) throw new Ended('permerror', `${shown(domain)} has several records`)
    try {
      return parseSpfRecord(only)
    } catch (cause) {
      if (cause instanceof BadSyntax) throw new Ended('permerror', `the record of ${shown(domain)} is broken`)
      throw cause
    }
  }

  async #verdict({ result, text }: Directive, record: SpfRecord, domain: string): Promise<SpfVerdict> {
    const explanation =
      result === 'fail' && record.explanation ? await this.#explain(record.explanation, domain) : ''
    return { result, why: text, explanation }
  }

  #countTerm(): void {
    if (++this.#terms > mostTerms) throw new Ended('permerror', `more than ${mostTerms} questions`)
  }

  /** RFC 7208 §4.6.4: answers that are empty are counted, as nobody needs many. */
  async #find(name: string, type: 'A' | 'AAAA' | 'MX'): Promise<Found> {
    const found = await this.#lookups.find(name, type)
    if (found.kind === 'trouble') throw notNow()
    if (found.kind === 'none' && ++this.#void > mostVoid)
      throw new Ended('permerror', 'too many names that lead nowhere')
    return found
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    switch (mechanism.name) {
      case 'all':
        return true
      case 'ip':
        return isInNetwork(this.#ip, mechanism.network, mechanism.bits)
      case 'include':
        return this.#included(await this.#target(mechanism.domain, domain))
      case 'exists': {
        const target = await this.#target(mechanism.domain, domain)
        return isName(target) && (await this.#find(target, 'A')).kind === 'records'
      }
      case 'a':
        return this.#isAddressOf(await this.#target(mechanism.domain, domain), mechanism)
      case 'mx':
        return this.#isExchangeOf(await this.#target(mechanism.domain, domain), mechanism)
      case 'ptr': {
        const target = await this.#target(mechanism.domain, domain)
        return (await this.#ownNames()).some((name) => isAtOrUnder(name, target))
      }
    }
  }

  /** The name a term asks for; it counts as one of the questions. */
  async #target(spec: MacroString | undefined, domain: string): Promise<string> {
    this.#countTerm()
    return spec ? this.#name(spec, domain) : domain
  }

  /** RFC 7208 §5.2. */
  async #included(target: string): Promise<boolean> {
    const { result } = isDomain(target) ? await this.#host(target) : { result: 'none' as const }
    if (result === 'none')
      throw new Ended('permerror', `include leads to ${shown(target)}, which has no record`)
    return result === 'pass'
  }

  async #isAddressOf(name: string, { bits4, bits6 }: Bits): Promise<boolean> {
    return isName(name) && this.#hasAddress(await this.#find(name, this.#addressType()), bits4, bits6)
  }

  async #isExchangeOf(name: string, { bits4, bits6 }: Bits): Promise<boolean> {
    const found = isName(name) ? await this.#find(name, 'MX') : undefined
    if (found?.kind !== 'records') return false
    const exchanges = found.records.flatMap((record) => (record.type === 'MX' ? [record.exchange] : []))
    if (exchanges.length > mostNames)
      throw new Ended('permerror', `${shown(name)} has more than ${mostNames} mail servers`)
    for (const exchange of exchanges) {
      if (!isName(exchange)) continue
      const addresses = await this.#lookups.find(exchange, this.#addressType())
      if (addresses.kind === 'trouble') throw notNow()
      if (this.#hasAddress(addresses, bits4, bits6)) return true
    }
    return false
  }

  #addressType(): 'A' | 'AAAA' {
    return this.#ip.length === 4 ? 'A' : 'AAAA'
  }

  #hasAddress(found: Found, bits4: number, bits6: number): boolean {
    if (found.kind !== 'records') return false
    return found.records.some((record) => {
      const octets = record.type === 'A' || record.type === 'AAAA' ? addressOctets(record.address) : undefined
      return octets !== undefined && isInNetwork(this.#ip, octets, octets.length === 4 ? bits4 : bits6)
    })
  }

  /** RFC 7208 §5.5: whoever cannot be asked is left out. */
  async #ownNames(): Promise<readonly string[]> {
    return (await findClientNames(this.#ip, this.#lookups)).confirmed
  }

  async #name(spec: MacroString, domain: string): Promise<string> {
    const name = (await expandMacros(spec, this.#values(domain))).replace(/\.$/, '')
    const labels = name.split('.')
    // RFC 7208 §7.3: from the left until it fits.
    while (labels.length > 1 && labels.join('.').length > 253) labels.shift()
    return labels.join('.')
  }

  #values(domain: string): MacroValues {
    const { localPart, helo, receiver, now, domain: from } = this.#question
    const local = localPart === '' ? 'postmaster' : localPart
    return async (letter) => {
      switch (letter) {
        case 's':
          return `${local}@${from}`
        case 'l':
          return local
        case 'o':
          return from
        case 'd':
          return domain
        case 'i':
          return (this.#ip.length === 4 ? [...this.#ip] : nibbles(this.#ip)).join('.').toUpperCase()
        case 'p':
          return this.#ownName(domain)
        case 'v':
          return this.#ip.length === 4 ? 'in-addr' : 'ip6'
        case 'h':
          return helo
        case 'c':
          return this.#question.ip.toLowerCase()
        case 'r':
          return receiver
        case 't':
          return String(Math.floor(now / 1000))
      }
    }
  }

  /** RFC 7208 §7.3. */
  async #ownName(domain: string): Promise<string> {
    const names = await this.#ownNames()
    return (
      names.find((name) => name === domain.toLowerCase()) ??
      names.find((name) => isAtOrUnder(name, domain)) ??
      names[0] ??
      'unknown'
    )
  }

  /** RFC 7208 §6.2: whatever goes wrong, there is no explanation. */
  async #explain(spec: MacroString, domain: string): Promise<string> {
    try {
      const target = await this.#name(spec, domain)
      const texts = isName(target) ? await this.#lookups.texts(target) : 'none'
      const [text = '', ...others] = typeof texts === 'string' ? [] : texts
      if (others.length > 0) return ''
      return await expandMacros(parseMacros(text, 'explanation'), this.#values(domain))
    } catch (cause) {
      if (cause instanceof BadSyntax || cause instanceof Ended) return ''
      throw cause
    }
  }
}

interface Bits {
  readonly bits4: number
  readonly bits6: number
}

const isName = (name: string) =>
  name.length > 0 &&
  name.length <= 253 &&
  name.split('.').every((label) => label.length > 0 && label.length <= 63)

/** RFC 7208 §4.3: several labels. */
const isDomain = (name: string) => isName(name.replace(/\.$/, '')) && name.replace(/\.$/, '').includes('.')

function isAtOrUnder(name: string, zone: string): boolean {
  const [a, b] = [name.toLowerCase(), zone.toLowerCase()]
  return a === b || a.endsWith(`.${b}`)
}

/** For people and headers: what stands in records is not ours. */
const shown = (name: string) => name.replace(/[^\w.-]/g, '?').slice(0, 100)
