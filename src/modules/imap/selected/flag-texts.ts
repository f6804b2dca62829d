import { keywordSetOf, systemFlagsOf } from '../../../lib/flags.ts'
import type { MailReader, PackedFlags } from '../../../ports/mail-store.ts'

const mostTexts = 20_000

/** Packed flags as the wire shows them. Keyword sets never change, so each is asked for once. */
export class FlagTexts {
  readonly #store: Pick<MailReader, 'keywordSets'>
  readonly #keywords = new Map<number, readonly string[]>([[0, []]])
  readonly #texts = new Map<PackedFlags, string>()

  constructor(store: Pick<MailReader, 'keywordSets'>) {
    this.#store = store
  }

  /** Call it before `text`, `keywords`, `matching` with the sets that may come up. */
  async learn(sets: Iterable<number>): Promise<void> {
    const missing = [...sets].filter((set) => !this.#keywords.has(set))
    if (missing.length === 0) return
    const found = await this.#store.keywordSets(missing)
    for (const [index, set] of missing.entries()) this.#keywords.set(set, found[index] ?? [])
  }

  /** `(\Seen $Forwarded)` */
  text(packed: PackedFlags): string {
    const known = this.#texts.get(packed)
    if (known !== undefined) return known
    if (this.#texts.size >= mostTexts) this.#texts.clear()
    const text = `(${[...systemFlagsOf(packed), ...this.#of(packed)].join(' ')})`
    this.#texts.set(packed, text)
    return text
  }

  /** All keywords of these sets, each once. */
  keywords(sets: Iterable<number>): string[] {
    return [...new Set([...sets].flatMap((set) => this.#keywords.get(set) ?? []))]
  }

  /** Case does not matter. RFC 9051 §2.3.2. */
  hasKeyword(packed: PackedFlags, keyword: string): boolean {
    const lower = keyword.toLowerCase()
    return this.#of(packed).some((name) => name.toLowerCase() === lower)
  }

  #of(packed: PackedFlags): readonly string[] {
    return this.#keywords.get(keywordSetOf(packed)) ?? []
  }
}
