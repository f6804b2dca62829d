import type { Finding } from './installation.ts'

interface Claim {
  /** `user`, `alias`, `domain`, … */
  readonly kind: string
  /** As Mailu has it. */
  readonly spelling: string
}

/** Who has which name. Names are brought into the one form we store before they come here; upper case makes no other name. */
export class Names {
  readonly #claims = new Map<string, Claim[]>()

  claim(name: string, claim: Claim): void {
    const claims = this.#claims.get(name)
    if (claims === undefined) this.#claims.set(name, [claim])
    else claims.push(claim)
  }

  has(name: string): boolean {
    return this.#claims.has(name)
  }

  /** Every name that is there twice, with all its spellings. */
  conflicts(): Finding[] {
    return [...this.#claims].flatMap(([name, claims]): Finding[] => {
      if (claims.length < 2) return []
      const what = new Set(claims.map(({ kind }) => kind)).size === 1 ? 'two spellings' : 'two owners'
      const all = claims.map(({ kind, spelling }) => `${kind} ${spelling}`)
      return [{ what, on: name, text: all.join(' and ') }]
    })
  }
}
