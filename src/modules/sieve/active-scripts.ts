import type { AccountId } from '../../ports/accounts.ts'
import type { SieveLibraryScript, SieveSource } from '../../ports/sieve.ts'
import type {
  ActiveScript,
  ScriptLimits,
  ScriptOwner,
  ScriptShelf,
  ScriptStore,
} from '../../ports/sieve-scripts.ts'
import type { Compiler } from './check/compile-aside.ts'

/** Of all scripts whose programs are kept; a program is some twenty times as large. */
const mostCharacters = 1_048_576

interface Kept {
  readonly script: Exclude<ActiveScript, { kind: 'none' }>
  readonly characters: number
}

/** The compiled active scripts of those who had mail last; one whose revision has passed is made anew. */
export class ActiveScripts {
  readonly #store: ScriptStore
  readonly #compiler: Compiler
  readonly #limits: ScriptLimits
  /** In the order of their last use. */
  readonly #kept = new Map<AccountId, Kept>()
  readonly #making = new Map<AccountId, { readonly revision: number; readonly made: Promise<ActiveScript> }>()
  #characters = 0

  constructor(store: ScriptStore, compiler: Compiler, limits: ScriptLimits) {
    this.#store = store
    this.#compiler = compiler
    this.#limits = limits
  }

  async of(owner: AccountId): Promise<ActiveScript> {
    const { revision, hasActive } = await this.#store.revision(owner)
    if (!hasActive) return { kind: 'none' }
    const known = this.#kept.get(owner)
    if (known?.script.revision === revision) {
      this.#kept.delete(owner)
      this.#kept.set(owner, known)
      return known.script
    }
    const atWork = this.#making.get(owner)
    if (atWork?.revision === revision) return await atWork.made
    const made = this.#make(owner)
    this.#making.set(owner, { revision, made })
    try {
      return await made
    } finally {
      if (this.#making.get(owner)?.made === made) this.#making.delete(owner)
    }
  }

  async #make(owner: AccountId): Promise<ActiveScript> {
    const { revision, active, library }: ScriptShelf = await this.#store.shelf(owner)
    if (!active) return { kind: 'none' }
    const { name, text } = active
    const compiled = await this.#compiler.compile(
      sourceOf({ name, text, owner, library, limits: this.#limits }),
    )
    const script: Kept['script'] =
      compiled.kind === 'refused'
        ? { kind: 'broken', name, revision, errors: compiled.errors }
        : { kind: 'script', name, revision, script: compiled.script, warnings: compiled.warnings }
    this.#keep(owner, { script, characters: text.length })
    return script
  }

  #keep(owner: AccountId, made: Kept): void {
    this.#forget(owner)
    this.#kept.set(owner, made)
    this.#characters += made.characters
    for (const [oldest] of this.#kept) {
      if (this.#characters <= mostCharacters || oldest === owner) return
      this.#forget(oldest)
    }
  }

  #forget(owner: AccountId): void {
    this.#characters -= this.#kept.get(owner)?.characters ?? 0
    this.#kept.delete(owner)
  }
}

interface Naming {
  readonly name: string
  readonly text: string
  readonly owner: ScriptOwner
  readonly library: readonly SieveLibraryScript[]
  readonly limits: ScriptLimits
}

/** The script itself stands in its own library as it will be: who includes himself is told at once. RFC 6609 §3.2. */
export function sourceOf({ name, text, owner, library, limits }: Naming): SieveSource {
  const location = owner === 'server' ? 'global' : 'personal'
  const others = library.filter((script) => script.location !== location || script.name !== name)
  return {
    name,
    text,
    library: [...others, { location, name, text }],
    limits: { scriptBytes: limits.scriptBytes },
  }
}
