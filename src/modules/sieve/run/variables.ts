import type { SieveRunLimits } from '../../../ports/sieve.ts'
import { foldAscii } from '../match/comparators.ts'
import { octetLength } from '../match/octets.ts'

type VariableLimits = Pick<SieveRunLimits, 'variableOctets' | 'variableTotalOctets'>

/** Variables of a script and those it shares. RFC 5229 §3, RFC 6609 §3.4. */
export class Variables {
  readonly #limits: () => VariableLimits
  readonly #values = new Map<string, string>()
  #total = 0

  constructor(limits: () => VariableLimits) {
    this.#limits = limits
  }

  /** '' for one that was never set. */
  get(name: string): string {
    return this.#values.get(foldAscii(name)) ?? ''
  }

  /** Says false where there is no room for it. */
  set(name: string, value: string): boolean {
    const key = foldAscii(name)
    const { variableOctets, variableTotalOctets } = this.#limits()
    const kept = truncate(value, variableOctets)
    const total = this.#total + octetLength(kept) + key.length - this.#sizeOf(key)
    if (total > variableTotalOctets) return false
    this.#values.set(key, kept)
    this.#total = total
    return true
  }

  #sizeOf(key: string): number {
    const value = this.#values.get(key)
    return value === undefined ? 0 : octetLength(value) + key.length
  }
}

/** The longest beginning that takes no more octets, whole characters only. RFC 5229 §3. */
export function truncate(text: string, octets: number): string {
  if (text.length * 3 <= octets || octetLength(text) <= octets) return text
  const cut = Buffer.from(text).subarray(0, octets)
  let end = cut.length
  // not inside a character
  while (end > 0 && (Buffer.from(text)[end] ?? 0) >> 6 === 2) end--
  return cut.toString('utf8', 0, end)
}
